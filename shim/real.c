#include "real.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alternatives.h"
#include "own.h"
#include "process.h"
#include "real_version.h"
#include "store.h"
#include "trust.h"

static const char *const directories[] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin" };
static const char *const kinds[] = { "", "-restore", "-save" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A regular file that may be executed and is not this program. */
static bool usable(const char *path)
{
	struct stat st;

	return *path == '/' && !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK) &&
		!process_is_self(&st);
}

static bool take(struct real *real, const char *origin)
{
	real->origin = origin;
	return usable(real->path);
}

static bool take_span(struct real *real, struct span path, const char *origin)
{
	snprintf(real->path, sizeof(real->path), "%.*s", SPAN_ARG(path));
	return take(real, origin);
}

/* A multi-call binary is all the programs of its backend, by the name that it is called by. */
static bool is_multi(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && !strncmp(slash, "/xtables-", strlen("/xtables-"));
}

/* The record names the command: /usr/sbin/ip6tables-legacy, whose restore is another program. */
static bool recorded(struct real *real, struct applet a, const char *name)
{
	static const char origin[] = "recorded at installation";
	OWN_FD int dir = store_open(REAL_RECORD_DIR, false);
	char file[64], line[CONF_PATH_MAX];
	const struct alternatives_choice *c = NULL;
	static struct alternatives known;

	if (dir < 0)
		return false;
	alternatives_open(&known, a.family);
	snprintf(file, sizeof(file), REAL_RECORD_PREFIX "%s", known.group);
	if (store_read(dir, file, line, sizeof(line)) < 0)
		return false;
	line[strcspn(line, "\n")] = '\0';
	c = alternatives_find(&known, line);
	/* no longer pinned: the alternatives choose again */
	if (c && !known.manual)
		return false;
	if (c && take_span(real, alternatives_program(&known, c, name), origin))
		return true;
	snprintf(real->path, sizeof(real->path), "%s%s", line, kinds[a.kind]);
	return take(real, origin) || (is_multi(line) && take_span(real, span_of(line), origin));
}

static bool by_alternatives(struct real *real, struct applet a, const char *name)
{
	static struct alternatives known;
	const struct alternatives_choice *c = NULL;

	if (alternatives_open(&known, a.family) < 0)
		return false;
	while ((c = alternatives_next(&known, c)))
		if (take_span(real, alternatives_program(&known, c, name),
			      "best of the other alternatives"))
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

/* Somebody has named it to us; nobody but root may choose what it is. */
static int only_roots(const struct real *real, struct err *e, int *status)
{
	struct err why;

	if (trust_path(real->path, &why) == 0)
		return 0;
	*status = REAL_CANNOT_RUN;
	return err_set(e, "the real program `%s' is refused: %s", real->path, why.text);
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
	if (process_is_self(&st))
		return err_set(e, "the real program `%s' is markshim itself", path);
	return only_roots(real, e, status);
}

int real_find(struct real *real, struct applet a, const struct conf *c, struct err *e, int *status)
{
	enum backend wanted = a.backend != BACKEND_UNKNOWN ? a.backend : c->backend;
	const char *path = c->real[applet_index(a)];
	char name[APPLET_NAME_MAX];

	applet_name(name, a);
	if (*path)
		return configured(real, path, e, status);
	if ((wanted == BACKEND_UNKNOWN && (recorded(real, a, name) || by_plain_name(real, name) ||
					   by_alternatives(real, a, name))) ||
	    by_name(real, a, wanted))
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
