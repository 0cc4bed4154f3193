#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "own.h"

#define LINKS_MAX 40	/* as the kernel has it */

/* A path whose first `end` bytes have been looked at, and have no links. */
struct walk {
	char path[PATH_MAX];
	size_t end;
	int links;
};

static void read_line(const char *path, char line[static 64])
{
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, 63);

	line[n > 0 ? n : 0] = '\0';
}

/* Whoever has no number in this user namespace is shown by this one. */
static bool is_unmapped(uid_t uid)
{
	char overflow[64], map[64];
	unsigned int inside, outside, count;

	read_line("/proc/sys/kernel/overflowuid", overflow);
	if (!*overflow || strtoul(overflow, NULL, 10) != uid)
		return false;
	read_line("/proc/self/uid_map", map);
	return sscanf(map, "%u %u %u", &inside, &outside, &count) == 3 && count != UINT_MAX;
}

static int check(const char *path, struct stat *st, struct err *e)
{
	if (lstat(path, st) < 0)
		return err_sys(e, "`%s'", path);
	if (st->st_uid != 0 && st->st_uid != geteuid() && !is_unmapped(st->st_uid))
		return err_set(e, "`%s' belongs to user %u", path, (unsigned int)st->st_uid);
	if (!(st->st_mode & (S_IWGRP | S_IWOTH)) || S_ISLNK(st->st_mode) ||
	    (S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX))
		return 0;
	return err_set(e, "others than its owner can write `%s'", path);
}

/* The target may lead anywhere, so the walk begins anew. */
static int follow(struct walk *w, const char *target, struct err *e)
{
	char fresh[PATH_MAX];
	size_t directory = *target == '/' ? 0 : w->end;
	int len;

	while (directory && w->path[directory - 1] != '/')
		directory--;
	len = snprintf(fresh, sizeof(fresh), "%.*s%s%s", (int)directory, w->path, target,
		       w->path + w->end);
	if (!*target || len >= (int)sizeof(fresh) || ++w->links > LINKS_MAX)
		return err_set(e, "`%s' has too many links", w->path);
	memcpy(w->path, fresh, (size_t)len + 1);
	w->end = 0;
	return 0;
}

/* The component that comes next. */
static int step(struct walk *w, struct err *e)
{
	char target[PATH_MAX] = "";
	struct stat st;
	ssize_t n;
	char cut;

	w->end += strspn(w->path + w->end, "/");
	w->end += strcspn(w->path + w->end, "/");
	cut = w->path[w->end];
	w->path[w->end] = '\0';
	if (check(w->path, &st, e) < 0)
		return -1;
	n = S_ISLNK(st.st_mode) ? readlink(w->path, target, sizeof(target) - 1) : 0;
	target[n > 0 ? n : 0] = '\0';
	w->path[w->end] = cut;
	return S_ISLNK(st.st_mode) ? follow(w, target, e) : 0;
}

int trust_path(const char *path, struct err *e)
{
	struct walk w = { .end = 0 };
	struct stat st;

	if (*path != '/' || strlen(path) >= sizeof(w.path))
		return err_set(e, "`%s' is no absolute path", path);
	memcpy(w.path, path, strlen(path) + 1);
	if (check("/", &st, e) < 0)
		return -1;
	while (w.path[w.end])
		if (step(&w, e) < 0)
			return -1;
	return 0;
}
