#include "parts_lock.h"

#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

#include "state.h"

#define FILE_NAME "parts.lock"
#define HOLDERS_WAIT_MS 5000
#define GIVE_UP_WAIT_MS 200

int parts_hold(void)
{
	return state_lock(FILE_NAME, LOCK_SH, HOLDERS_WAIT_MS);
}

bool parts_claim(int *lock, int patience_ms)
{
	*lock = state_lock(FILE_NAME, LOCK_EX, patience_ms);
	return *lock >= 0 || errno != EWOULDBLOCK;
}

bool parts_give_up(int *held, int *lock)
{
	if (*held >= 0)
		close(*held);
	*held = -1;
	return parts_claim(lock, GIVE_UP_WAIT_MS);
}
