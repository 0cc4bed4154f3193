#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "own.h"
#include "store.h"

int state_check(struct err *e)
{
	OWN_FD int dir = store_open(STATE_DIR, false);

	if (dir < 0 && faccessat(AT_FDCWD, STATE_DIR, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return access("/run", W_OK) < 0 ? err_sys(e, "`" STATE_DIR "' can't be made") : 0;
	if (dir < 0)
		return err_set(e, "`" STATE_DIR "' is no directory that only root can write");
	return faccessat(dir, ".", W_OK, 0) < 0 ? err_sys(e, "`" STATE_DIR "' can't be written") : 0;
}

int state_read(const char *name, char text[static STATE_TEXT_MAX])
{
	OWN_FD int dir = store_open(STATE_DIR, false);

	return dir >= 0 && store_read(dir, name, text, STATE_TEXT_MAX) > 0 ? 0 : -1;
}

void state_write(const char *name, const char *text)
{
	OWN_FD int dir = store_open(STATE_DIR, true);

	if (dir >= 0)
		store_write(dir, name, text);
}

int state_lock(const char *name, int how, int patience_ms)
{
	const struct timespec pause = { .tv_nsec = 200000 };	/* a fifth of a millisecond */
	OWN_FD int dir = store_open(STATE_DIR, true);
	int fd = dir < 0 ? -1 : openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
				       O_CLOEXEC, 0600);

	for (int tries = 5 * patience_ms; fd >= 0 && flock(fd, how | LOCK_NB) < 0; tries--) {
		if (tries == 0) {
			close(fd);
			errno = EWOULDBLOCK;
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return fd;
}

void state_boot(char id[static STATE_BOOT_MAX])
{
	OWN_FD int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, id, STATE_BOOT_MAX - 1);

	id[n > 0 ? n : 0] = '\0';
	id[strcspn(id, "\n")] = '\0';
}

/* /run may outlive the boot, as in a container's image, so the file's name tells which it was. */
static void name_for_boot(char file[static 96], const char *name)
{
	char boot[STATE_BOOT_MAX];

	state_boot(boot);
	snprintf(file, 96, "%s.%s", name, boot);
}

enum state_first state_first(const char *name)
{
	OWN_FD int dir = store_open(STATE_DIR, true);
	OWN_FD int fd = -1;
	char file[96];

	if (dir < 0)
		return STATE_CANNOT_TELL;
	name_for_boot(file, name);
	fd = openat(dir, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd >= 0)
		return STATE_FIRST;
	return errno == EEXIST ? STATE_AGAIN : STATE_CANNOT_TELL;
}

bool state_known(const char *name)
{
	OWN_FD int dir = store_open(STATE_DIR, false);
	char file[96];

	name_for_boot(file, name);
	return dir >= 0 && faccessat(dir, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}
