#include "path_order.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "applet.h"
#include "own.h"
#include "process.h"

static bool is_own_root(int root)
{
	struct stat its, own;

	return fstat(root, &its) == 0 && stat("/", &own) == 0 && its.st_dev == own.st_dev &&
		its.st_ino == own.st_ino;
}

/*
 * glibc has no wrapper for openat2().  Kernels before 5.6 lack it, and sandboxes refuse it;
 * then links of another root can't be followed there, but our own root's can.
 */
static int open_below(int root, const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT,
	};
	int fd = (int)syscall(__NR_openat2, root, path, &how, sizeof(how));

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM) || !is_own_root(root))
		return fd;
	return open(path, O_PATH | O_CLOEXEC);
}

static bool is_markshim(int fd)
{
	char link[32], path[PATH_MAX];
	struct stat it;
	ssize_t n;

	if (fstat(fd, &it) == 0 && process_is_self(&it))
		return true;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	return applet_is_own(path);
}

static enum path_order look(int root, const char *path)
{
	OWN_FD int fd = open_below(root, path);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return PATH_ORDER_NONE;
	return is_markshim(fd) ? PATH_ORDER_MARKSHIM : PATH_ORDER_OTHER;
}

enum path_order path_order_find(int root, const char *path, const char *name,
				char found[static PATH_MAX])
{
	enum path_order o = PATH_ORDER_NONE;

	while (o == PATH_ORDER_NONE && *path) {
		size_t len = strcspn(path, ":");

		if (len && len + strlen(name) + 2 <= PATH_MAX) {
			snprintf(found, PATH_MAX, "%.*s/%s", (int)len, path, name);
			o = look(root, found);
		}
		path += len + (path[len] == ':');
	}
	if (o == PATH_ORDER_NONE)
		*found = '\0';
	return o;
}
