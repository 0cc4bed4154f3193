#include "links.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lexer.h"
#include "link_record.h"
#include "own.h"
#include "process.h"
#include "real.h"
#include "store.h"
#include "trust.h"

/* Links that are to be put, and how far that has come. */
struct put_job {
	char dir[PATH_MAX - APPLET_NAME_MAX];
	struct links_names names;
	const char *program;
	const struct conf *conf;
	struct text record, put;	/* lines: all that there are, and those of this job */
	struct text *said;
	struct err *err;
	struct link link;		/* the one that is being put */
};

/* The first link of the record that is in `dir` (NULL: anywhere). */
static bool first(struct link *l, const char *dir)
{
	OWN_TEXT struct text record = { 0 };
	struct span rest, line;

	if (link_record_read(&record) < 0)
		return false;
	rest = (struct span){ record.at, record.len };
	while (lexer_line(&rest, &line))
		if (link_record_line(l, line) && (!dir || link_is_in(l->path, dir)))
			return true;
	return false;
}

int links_directory(char dir[static PATH_MAX])
{
	struct link l;

	if (!first(&l, NULL))
		return -1;
	snprintf(dir, PATH_MAX, "%.*s", (int)(strrchr(l.path, '/') - l.path), l.path);
	return 0;
}

bool links_are_in(const char *dir)
{
	struct link l;

	return first(&l, dir);
}

/* What a link leads to, "" if there is no link. */
static void read_target(const char *path, char target[static PATH_MAX])
{
	ssize_t n = readlink(path, target, PATH_MAX - 1);

	target[n > 0 ? n : 0] = '\0';
}

/* A link of ours: to markshim's name, or to the program that runs now. */
static bool leads_here(const char *path)
{
	char target[PATH_MAX], self[PATH_MAX];

	read_target(path, target);
	read_target("/proc/self/exe", self);
	return *target && (applet_is_own(target) || !strcmp(target, self));
}

/* Puts a link in place of what is there, in one step. */
static int put_link(const char *target, const char *path)
{
	char fresh[PATH_MAX + 16];

	snprintf(fresh, sizeof(fresh), "%s.markshim", path);
	unlink(fresh);
	if (symlink(target, fresh) < 0)
		return -1;
	if (rename(fresh, path) == 0)
		return 0;
	unlink(fresh);
	return -1;
}

/* A program that can be found again when its link is gone. */
static bool is_iptables(const char *target)
{
	const char *slash = strrchr(target, '/'), *base = slash ? slash + 1 : target;
	struct applet a;

	return !strncmp(base, "xtables-", strlen("xtables-")) ||
		(applet_find(&a, base) && a.backend != BACKEND_UNKNOWN);
}

/*
 * Fills link.was; an error if what is there can't be replaced.  Where a link of ours is
 * gone, what it once replaced is still to be put back one day.
 */
static int look_at(struct put_job *j, struct applet a)
{
	struct link *l = &j->link, recorded;
	struct stat st;

	(void)a;
	snprintf(l->was, sizeof(l->was), "%s",
		 link_record_find(&j->record, l->path, &recorded) ? recorded.was : "-");
	if (lstat(l->path, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(j->err, "`%s'", l->path);
	if (leads_here(l->path))
		return 0;
	if (!S_ISLNK(st.st_mode))
		return err_set(j->err, "`%s' is a program of its own, and stays; choose a directory "
			       "that comes before it in PATH", l->path);
	read_target(l->path, l->was);
	if (!is_iptables(l->was))
		return err_set(j->err, "`%s' leads to `%s', which is none of iptables' programs; "
			       "choose a directory that comes before it in PATH", l->path, l->was);
	return 0;
}

static bool is_wanted(struct applet a, struct links_names names, const struct conf *conf)
{
	struct real real;
	struct err e;
	int status;

	if (a.family == FAMILY_IPV4 && !names.ipv4)
		return false;
	if (a.backend == BACKEND_UNKNOWN)
		return names.plain;
	return names.of_backends && real_find(&real, a, conf, &e, &status) == 0;
}

/* Where the plain command's link is replaced, what it led to runs behind. */
static int record_real(const struct link *l, struct applet a, struct err *e)
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, true);
	char path[PATH_MAX], file[64], name[APPLET_NAME_MAX];
	struct stat st;

	if (lstat(l->path, &st) < 0 || leads_here(l->path) || a.backend != BACKEND_UNKNOWN ||
	    a.kind != APPLET_COMMAND)
		return 0;
	applet_name(name, a);
	snprintf(file, sizeof(file), REAL_RECORD_PREFIX "%s", name);
	if (!realpath(l->path, path))
		return err_sys(e, "`%s'", l->path);
	return dir >= 0 && store_write(dir, file, path) == 0 ? 0
		: err_sys(e, "writing `%s/%s'", REAL_RECORD_DIR, file);
}

static int put_one(struct put_job *j, struct applet a)
{
	const struct link *l = &j->link;

	if (look_at(j, a) < 0 || record_real(l, a, j->err) < 0)
		return -1;
	link_record_forget(&j->record, l->path);
	text_printf(&j->record, "%s\t%s\n", l->path, l->was);
	text_printf(&j->put, "%s\t%s\n", l->path, l->was);
	/* recorded first: a link that nobody knows of would stay for ever */
	if (link_record_keep(&j->record, j->err) < 0)
		return -1;
	if (put_link(j->program, l->path) < 0)
		return err_sys(j->err, "the link `%s'", l->path);
	if (strcmp(l->was, "-") != 0)
		text_printf(j->said, "%s leads to markshim, and no more to %s\n", l->path, l->was);
	else
		text_printf(j->said, "%s leads to markshim\n", l->path);
	return 0;
}

/* The directory's own path; it must be root's alone. */
static int check_dir(struct put_job *j, const char *dir, struct err *e)
{
	OWN_FD int fd = -1;
	char path[PATH_MAX];

	if (!realpath(dir, path))
		return err_sys(e, "the directory `%s'", dir);
	if (strpbrk(path, "\t\n") || strlen(path) >= sizeof(j->dir))
		return err_set(e, "the directory `%s' has no fit name", dir);
	memcpy(j->dir, path, strlen(path) + 1);
	fd = store_open(path, false);
	if (fd < 0)
		return err_set(e, "`%s' must be a directory that only root may write to", dir);
	/* and so must be those above it, or another could be put in its place */
	return trust_path(path, e);
}

static void forget_real(const struct link *l)
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, false);
	char file[64];

	if (dir < 0 || !strcmp(l->was, "-"))
		return;
	snprintf(file, sizeof(file), REAL_RECORD_PREFIX "%s", strrchr(l->path, '/') + 1);
	unlinkat(dir, file, 0);
}

/* What the link that was there led to. */
static bool is_there(const struct link *l)
{
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%.*s%s", *l->was == '/' ? 0
		 : (int)(strrchr(l->path, '/') + 1 - l->path), l->path, l->was);
	return access(path, F_OK) == 0;
}

/* Puts back what was there, unless somebody else has been here. */
static int take_one(const struct link *l, struct text *said, struct err *e)
{
	struct stat st;
	const bool gone = lstat(l->path, &st) < 0;
	const bool replaced = strcmp(l->was, "-") != 0 && (!gone || is_there(l));

	forget_real(l);
	if (gone ? !replaced : !leads_here(l->path)) {
		text_printf(said, gone ? "%s was gone already\n"
			    : "%s is no link to markshim any more, and is left\n", l->path);
		return 0;
	}
	if (replaced ? put_link(l->was, l->path) : unlink(l->path))
		return err_sys(e, "the link `%s'", l->path);
	text_printf(said, replaced ? "%s leads to %s again\n" : "%s removed\n", l->path, l->was);
	return 0;
}

/* Takes away those links of the record that are in `dir` (NULL: all), and also in `only`. */
static int take(const char *dir, const struct text *only, struct text *said, struct err *e)
{
	OWN_TEXT struct text record = { 0 }, kept = { 0 };
	int taken = 0, failed = 0;
	struct span rest, line;
	struct link l, same;

	if (link_record_read(&record) < 0)
		return 0;
	rest = (struct span){ record.at, record.len };
	while (lexer_line(&rest, &line)) {
		const bool asked = link_record_line(&l, line) && (!dir || link_is_in(l.path, dir)) &&
			(!only || link_record_find(only, l.path, &same));

		if (asked && take_one(&l, said, e) == 0) {
			taken++;
			continue;
		}
		failed |= asked;
		text_span(&kept, line);
	}
	return failed || link_record_keep(&kept, e) < 0 ? -1 : taken;
}

int links_take(const char *dir, struct text *said, struct err *e)
{
	char path[PATH_MAX];

	if (!dir)
		return take(NULL, NULL, said, e);
	/* a directory that is gone is still in the record */
	if (!realpath(dir, path)) {
		snprintf(path, sizeof(path), "%s", dir);
		for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
			path[n - 1] = '\0';
	}
	return take(path, NULL, said, e);
}

/* The record has it, and it is there still; or it leads to us by what is no link of ours. */
static bool is_put(const struct put_job *j)
{
	struct link recorded;
	struct stat st;

	if (leads_here(j->link.path))
		return link_record_find(&j->record, j->link.path, &recorded);
	return stat(j->link.path, &st) == 0 && process_is_self(&st);
}

/* All that are wanted and not there yet: looked at, or put. */
static int each_wanted(struct put_job *j, int (*one)(struct put_job *j, struct applet a))
{
	for (size_t i = 0; i < APPLET_COUNT; i++) {
		const struct applet a = applet_at(i);
		char name[APPLET_NAME_MAX];

		applet_name(name, a);
		snprintf(j->link.path, sizeof(j->link.path), "%s/%s", j->dir, name);
		if (!is_put(j) && is_wanted(a, j->names, j->conf) && one(j, a) < 0)
			return -1;
	}
	return 0;
}

static void release(struct put_job *j)
{
	text_release(&j->record);
	text_release(&j->put);
}

int links_put(const char *dir, struct links_names names, const char *program,
	      const struct conf *conf, struct text *said, struct err *e)
{
	struct put_job j = { .names = names, .program = program, .conf = conf, .said = said, .err = e };
	OWN_TEXT struct text undone = { 0 };
	struct err more;
	int result = -1;

	link_record_read(&j.record);
	if (check_dir(&j, dir, e) == 0 && each_wanted(&j, look_at) == 0) {
		result = each_wanted(&j, put_one);
		if (result < 0)
			take(NULL, &j.put, &undone, &more);
	}
	release(&j);
	return result;
}
