#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "own.h"

static bool roots_alone(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == 0 &&
		!(st.st_mode & (S_IWGRP | S_IWOTH));
}

int store_open(const char *path, bool make)
{
	bool made = make && mkdir(path, 0755) == 0;
	int fd;

	if (make && !made && errno != EEXIST)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* whatever the caller's umask; `markshim status` of other users reads it */
	if (fd >= 0 && made)
		fchmod(fd, 0755);
	if (fd >= 0 && !roots_alone(fd, S_IFDIR)) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

long store_read(int dir, const char *name, char *text, size_t size)
{
	OWN_FD int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0 || !roots_alone(fd, S_IFREG))
		return -1;
	while (n > 0 && len < size - 1) {
		n = read(fd, text + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	return n < 0 || !len ? -1 : (long)len;
}

int store_write(int dir, const char *name, const char *text)
{
	OWN_FD int fd = -1;
	char fresh[96];
	int error;

	snprintf(fresh, sizeof(fresh), ".%s.%d", name, (int)getpid());
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	errno = ENOSPC;
	if (write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, 0644) == 0 &&
	    renameat(dir, fresh, dir, name) == 0)
		return 0;
	error = errno;
	unlinkat(dir, fresh, 0);
	errno = error;
	return -1;
}

void store_remove(const char *path)
{
	int fd = store_open(path, false);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *file;

	if (!dir) {
		own_close(&fd);
		return;
	}
	while ((file = readdir(dir)))
		unlinkat(fd, file->d_name, 0);
	closedir(dir);
	rmdir(path);
}
