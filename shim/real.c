#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alternatives.h"
#include "own.h"
#include "process.h"
#include "real_version.h"

/* Written at installation: the command that was selected then, as in /usr/sbin/ip6tables-legacy. */
#define RECORD_DIR "/var/lib/markshim/real-"

static const char *const directories[] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin" };
static const char *const kinds[] = { "", "-restore", "-save" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_self(const struct stat *st)
{
	const char *started = (const char *)getauxval(AT_EXECFN);
	struct stat self;

	/* without /proc, the path that execve() was given */
	if (stat("/proc/self/exe", &self) < 0 && (!started || stat(started, &self) < 0))
		return false;
	return st->st_dev == self.st_dev && st->st_ino == self.st_ino;
}

/* A regular file that may be executed and is not this program. */
static bool usable(const char *path)
{
	struct stat st;

	return *path == '/' && !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK) &&
		!is_self(&st);
}

static bool take(struct real *real, const char *origin)
{
	real->origin = origin;
	return usable(real->path);
}

static bool recorded(struct real *real, struct applet a)
{
	char path[64], line[CONF_PATH_MAX] = "";
	struct stat st;
	OWN_FD int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), RECORD_DIR "%s",
		 a.family == FAMILY_IPV4 ? "iptables" : "ip6tables");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != 0 ||
	    st.st_mode & (S_IWGRP | S_IWOTH))
		return false;
	n = read(fd, line, sizeof(line) - 1);
	if (n <= 0)
		return false;
	line[strcspn(line, "\n")] = '\0';
	snprintf(real->path, sizeof(real->path), "%s%s", line, kinds[a.kind]);
	return take(real, "recorded at installation");
}

static bool by_alternatives(struct real *real, struct applet a)
{
	struct alternatives_walk walk;

	if (alternatives_open(&walk, a.family) < 0)
		return false;
	while (alternatives_best(&walk, real->path, a.kind))
		if (take(real, "best of the other alternatives"))
			return true;
	return false;
}

/* ip6tables-nft-restore, then xtables-nft-multi, in each directory; nft before legacy. */
static bool by_name(struct real *real, struct applet a, enum backend wanted)
{
	static const enum backend order[] = { BACKEND_NFT, BACKEND_LEGACY };
	char name[APPLET_NAME_MAX];

	for (size_t b = 0; b < COUNT(order); b++) {
		if (wanted != BACKEND_UNKNOWN && wanted != order[b])
			continue;
		a.backend = order[b];
		applet_name(name, a);
		for (size_t d = 0; d < COUNT(directories); d++) {
			snprintf(real->path, sizeof(real->path), "%s/%s", directories[d], name);
			if (take(real, "well-known path"))
				return true;
			snprintf(real->path, sizeof(real->path), "%s/xtables-%s-multi",
				 directories[d], backend_name(order[b]));
			if (take(real, "well-known path"))
				return true;
		}
	}
	return false;
}

/*
 * The plain name, where it isn't us: we stand in front of it in PATH, as in a
 * container, and it knows best which backend it is (iptables-wrapper does).
 */
static bool by_plain_name(struct real *real, const char *name)
{
	for (size_t d = 0; d < COUNT(directories); d++) {
		snprintf(real->path, sizeof(real->path), "%s/%s", directories[d], name);
		if (take(real, "plain name"))
			return true;
	}
	return false;
}

static int configured(struct real *real, const char *path, struct err *e, int *status)
{
	struct stat st;

	snprintf(real->path, sizeof(real->path), "%s", path);
	real->origin = "configured";
	*status = REAL_CANNOT_RUN;
	if (stat(path, &st) < 0) {
		*status = errno == ENOENT ? REAL_NOT_FOUND : REAL_CANNOT_RUN;
		return err_sys(e, "the real program `%s'", path);
	}
	if (is_self(&st))
		return err_set(e, "the real program `%s' is markshim itself", path);
	return 0;
}

int real_find(struct real *real, struct applet a, const struct conf *c, struct err *e, int *status)
{
	enum backend wanted = a.backend != BACKEND_UNKNOWN ? a.backend : c->backend;
	const char *path = c->real[applet_index(a)];
	char name[APPLET_NAME_MAX];

	applet_name(name, a);
	if (*path)
		return configured(real, path, e, status);
	if (wanted == BACKEND_UNKNOWN && (recorded(real, a) || by_plain_name(real, name) ||
					  by_alternatives(real, a)))
		return 0;
	if (by_name(real, a, wanted))
		return 0;
	*status = REAL_NOT_FOUND;
	return err_set(e, "found no real program for `%s'", name);
}

enum backend real_backend(const struct real *real, struct applet a, const struct conf *c,
			  const char *name)
{
	char path[PATH_MAX];
	struct applet told;
	const char *base;

	if (c->backend != BACKEND_UNKNOWN || a.backend != BACKEND_UNKNOWN)
		return a.backend != BACKEND_UNKNOWN ? a.backend : c->backend;
	base = realpath(real->path, path) ? strrchr(path, '/') + 1 : "";
	if (!strcmp(base, "xtables-nft-multi"))
		return BACKEND_NFT;
	if (!strcmp(base, "xtables-legacy-multi") || !strcmp(base, "xtables-multi"))
		return BACKEND_LEGACY;
	/* a program of its own has to take the name that it is asked by */
	return real_version_backend(real->path, applet_find(&told, name) ? name : base);
}

int real_exec(const struct real *real, char *argv[], struct err *e)
{
	int status;

	process_give_back();
	execv(real->path, argv);
	status = errno == ENOENT ? REAL_NOT_FOUND : REAL_CANNOT_RUN;
	err_sys(e, "the real program `%s'", real->path);
	return status;
}
