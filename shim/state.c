#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "own.h"

#define STATE_DIR "/run/markshim"

static bool roots_alone(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* The directory, or -1. */
static int open_dir(bool make)
{
	int fd;

	if (make && mkdir(STATE_DIR, 0755) < 0 && errno != EEXIST)
		return -1;
	fd = open(STATE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !roots_alone(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

int state_read(const char *name, char text[static STATE_TEXT_MAX])
{
	OWN_FD int dir = open_dir(false);
	OWN_FD int fd = -1;
	ssize_t n;

	if (dir < 0)
		return -1;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || !roots_alone(fd))
		return -1;
	n = read(fd, text, STATE_TEXT_MAX - 1);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	return 0;
}

void state_write(const char *name, const char *text)
{
	OWN_FD int dir = open_dir(true);
	OWN_FD int fd = -1;
	char fresh[64];

	if (dir < 0)
		return;
	snprintf(fresh, sizeof(fresh), ".%s.%d", name, (int)getpid());
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    renameat(dir, fresh, dir, name) < 0)
		unlinkat(dir, fresh, 0);
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
	OWN_FD int dir = open_dir(true);
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
	OWN_FD int dir = open_dir(false);
	char file[96];

	name_for_boot(file, name);
	return dir >= 0 && faccessat(dir, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}
