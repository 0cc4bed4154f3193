/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A preload library that lets one call of one function fail, in markshim and markshim-kernel only.
 * MARKSHIM_TEST_FAULT is "FUNCTION N ERRNO": which, the how manieth from 1 (0: none), and why;
 * without an error (0) a read or write is a short one.
 * MARKSHIM_TEST_CALLS is a file that grows by a byte with each call of that function, and so
 * counts over all processes of a run.  The real programs are left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t each);
void *__libc_realloc(void *at, size_t n);

static bool ours;
static char function[16];
static const char *calls;
static int error;
static long nth;

__attribute__((constructor)) static void begin(void)
{
	char exe[256] = "";
	const char *fault = getenv("MARKSHIM_TEST_FAULT"), *name;

	calls = getenv("MARKSHIM_TEST_CALLS");
	if (!calls || !fault || sscanf(fault, "%15s %ld %d", function, &nth, &error) != 3 ||
	    readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		return;
	name = strrchr(exe, '/');
	ours = name && (!strcmp(name, "/markshim") || !strcmp(name, "/markshim-kernel"));
}

/* Counts a call, by system calls that are not replaced here. */
static bool fails(const char *which)
{
	long fd, at;
	int kept = errno;

	if (!ours || strcmp(which, function) != 0)
		return false;
	fd = syscall(SYS_openat, AT_FDCWD, calls, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return false;
	syscall(SYS_write, fd, "", 1);
	at = syscall(SYS_lseek, fd, 0, SEEK_CUR);
	syscall(SYS_close, fd);
	errno = at == nth ? error : kept;
	return at == nth;
}

void *malloc(size_t n)
{
	return fails("malloc") ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t each)
{
	return fails("malloc") ? NULL : __libc_calloc(n, each);
}

void *realloc(void *at, size_t n)
{
	return fails("malloc") ? NULL : __libc_realloc(at, n);
}

/* `n` bytes are asked for. */
#define REPLACE_SOME(type, name, params, ...) \
	type name params \
	{ \
		type (*next) params = (type (*) params)dlsym(RTLD_NEXT, #name); \
		if (fails(#name)) { \
			if (error) \
				return -1; \
			n = (n + 1) / 2; \
		} \
		return next(__VA_ARGS__); \
	}

REPLACE_SOME(ssize_t, write, (int fd, const void *at, size_t n), fd, at, n)
REPLACE_SOME(ssize_t, read, (int fd, void *at, size_t n), fd, at, n)

#define REPLACE(type, name, params, ...) \
	type name params \
	{ \
		type (*next) params = (type (*) params)dlsym(RTLD_NEXT, #name); \
		return fails(#name) ? (type)-1 : next(__VA_ARGS__); \
	}

REPLACE(int, memfd_create, (const char *name, unsigned int flags), name, flags)
REPLACE(int, execv, (const char *path, char *const argv[]), path, argv)
REPLACE(pid_t, fork, (void))
REPLACE(int, clone, (int (*child)(void *), void *stack, int flags, void *with, ...),
	child, stack, flags, with)
REPLACE(int, pipe2, (int fds[2], int flags), fds, flags)
REPLACE(int, socket, (int domain, int type, int protocol), domain, type, protocol)
REPLACE(ssize_t, sendto, (int fd, const void *at, size_t n, int flags, const struct sockaddr *to,
			  socklen_t len), fd, at, n, flags, to, len)
REPLACE(ssize_t, send, (int fd, const void *at, size_t n, int flags), fd, at, n, flags)
REPLACE(ssize_t, recv, (int fd, void *at, size_t n, int flags), fd, at, n, flags)
REPLACE(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), fd, m, flags)
REPLACE(void *, mmap, (void *at, size_t n, int prot, int flags, int fd, off_t from),
	at, n, prot, flags, fd, from)
REPLACE(int, dup2, (int from, int to), from, to)
REPLACE(int, poll, (struct pollfd *fds, nfds_t n, int wait), fds, n, wait)
REPLACE(pid_t, waitpid, (pid_t pid, int *status, int options), pid, status, options)
REPLACE(int, signalfd, (int fd, const sigset_t *mask, int flags), fd, mask, flags)
REPLACE(int, setsockopt, (int fd, int level, int option, const void *at, socklen_t len),
	fd, level, option, at, len)
REPLACE(off_t, lseek, (int fd, off_t to, int from), fd, to, from)
REPLACE(int, fstat, (int fd, struct stat *st), fd, st)
REPLACE(int, stat, (const char *path, struct stat *st), path, st)
REPLACE(int, access, (const char *path, int mode), path, mode)
REPLACE(int, mkdir, (const char *path, mode_t mode), path, mode)
REPLACE(int, renameat, (int dir, const char *from, int to_dir, const char *to), dir, from, to_dir, to)
REPLACE(int, flock, (int fd, int operation), fd, operation)
REPLACE(int, unshare, (int flags), flags)
REPLACE(ssize_t, readlink, (const char *path, char *at, size_t n), path, at, n)

/* What may follow is a word in all of them. */
#define REPLACE_OPEN(name, params, last, ...) \
	int name params \
	{ \
		int (*next) params = (int (*) params)dlsym(RTLD_NEXT, #name); \
		unsigned long more; \
		va_list list; \
		va_start(list, last); \
		more = va_arg(list, unsigned long); \
		va_end(list); \
		return fails(#name) ? -1 : next(__VA_ARGS__, more); \
	}

REPLACE_OPEN(open, (const char *path, int flags, ...), flags, path, flags)
REPLACE_OPEN(openat, (int dir, const char *path, int flags, ...), flags, dir, path, flags)
REPLACE_OPEN(fcntl, (int fd, int command, ...), command, fd, command)
