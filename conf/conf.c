#include "conf.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "own.h"

#define CONF_SIZE_MAX 65536	/* bytes; the shipped file has some 3,000 */

static const char *const modes[MODE_COUNT] = {
	[MODE_REWRITE] = "rewrite", [MODE_DRY_RUN] = "dry-run", [MODE_OFF] = "off"
};

const char *conf_mode_name(enum conf_mode m)
{
	return modes[m];
}

struct conf conf_default(void)
{
	return (struct conf){ .log_syslog = true, .forms = form_order_default() };
}

/* Each sets one key; on failure *e says what is wrong with the value. */

static int set_mode(struct conf *c, const char *key, const char *value, struct err *e)
{
	(void)key;
	for (int m = 0; m < MODE_COUNT; m++)
		if (!strcmp(modes[m], value))
			return c->mode = m, 0;
	return err_set(e, "`%s' is neither rewrite nor dry-run nor off", value);
}

static int set_assume(struct conf *c, const char *key, const char *value, struct err *e)
{
	(void)key;
	c->assume = class_find(value);
	if (c->assume == CLASS_UNKNOWN)
		return err_set(e, "`%s' is no class of kernels", value);
	return 0;
}

static int set_inexact(struct conf *c, const char *key, const char *value, struct err *e)
{
	(void)key;
	c->refuse_inexact = !strcmp(value, "refuse");
	return c->refuse_inexact || !strcmp(value, "allow") ? 0
		: err_set(e, "`%s' is neither allow nor refuse", value);
}

static int set_unsupported(struct conf *c, const char *key, const char *value, struct err *e)
{
	(void)key;
	c->drop_unsupported = !strcmp(value, "drop-rule");
	return c->drop_unsupported || !strcmp(value, "keep") ? 0
		: err_set(e, "`%s' is neither keep nor drop-rule", value);
}

static int set_backend(struct conf *c, const char *key, const char *value, struct err *e)
{
	(void)key;
	for (enum backend b = BACKEND_LEGACY; b <= BACKEND_NFT; b++)
		if (!strcmp(backend_name(b), value))
			return c->backend = b, 0;
	c->backend = BACKEND_UNKNOWN;
	return strcmp(value, "auto") ? err_set(e, "`%s' is neither auto nor nft nor legacy", value)
		: 0;
}

static int set_path(char path[static CONF_PATH_MAX], const char *value, struct err *e)
{
	if (*value != '/')
		return err_set(e, "`%s' is no absolute path", value);
	if (strlen(value) >= CONF_PATH_MAX)
		return err_set(e, "a path of more than %d bytes", CONF_PATH_MAX - 1);
	memcpy(path, value, strlen(value) + 1);
	return 0;
}

static int set_bool(bool *b, const char *value, struct err *e)
{
	*b = !strcmp(value, "yes");
	return *b || !strcmp(value, "no") ? 0 : err_set(e, "`%s' is neither yes nor no", value);
}

static int set_syslog(struct conf *c, const char *key, const char *value, struct err *e)
{
	(void)key;
	return set_bool(&c->log_syslog, value, e);
}

static int set_stderr(struct conf *c, const char *key, const char *value, struct err *e)
{
	(void)key;
	return set_bool(&c->log_stderr, value, e);
}

static int set_log_file(struct conf *c, const char *key, const char *value, struct err *e)
{
	(void)key;
	return set_path(c->log_file, value, e);
}

static int set_real(struct conf *c, const char *key, const char *value, struct err *e)
{
	char name[APPLET_NAME_MAX];

	for (size_t i = 0; i < APPLET_COUNT; i++) {
		applet_name(name, applet_at(i));
		if (!strcmp(name, key))
			return set_path(c->real[i], value, e);
	}
	return err_set(e, "there is no such key in [real]");
}

static int set_form(struct conf *c, const char *key, const char *value, struct err *e)
{
	enum table t = table_find(span_of(key));

	if (t == TABLE_UNKNOWN)
		return err_set(e, "there is no such table");
	return form_order_set(&c->forms, t, value, e);
}

/* The first row that fits is the key's; a row without a key takes all of its section. */
static const struct {
	const char *section, *key;
	int (*set)(struct conf *c, const char *key, const char *value, struct err *e);
} keys[] = {
	{ "shim",	"mode",		set_mode },
	{ "shim",	"assume",	set_assume },
	{ "shim",	"inexact",	set_inexact },
	{ "shim",	"unsupported",	set_unsupported },
	{ "real",	"backend",	set_backend },
	{ "real",	NULL,		set_real },
	{ "log",	"syslog",	set_syslog },
	{ "log",	"stderr",	set_stderr },
	{ "log",	"file",		set_log_file },
	{ "forms",	NULL,		set_form },
};

struct reader {
	struct conf *conf;
	struct err err;		/* of the first bad line */
	bool failed;
};

/* inih's handler: 0 is an error. */
static int set_key(void *user, const char *section, const char *key, const char *value)
{
	struct reader *r = user;
	struct err e = { "there is no such key" };

	if (r->failed)
		return 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].section, section) != 0 ||
		    (keys[i].key && strcmp(keys[i].key, key) != 0))
			continue;
		if (keys[i].set(r->conf, key, value, &e) == 0)
			return 1;
		break;
	}
	r->failed = true;
	err_set(&r->err, "[%.32s] %.64s: %.128s", section, key, e.text);
	return 0;
}

static int check_owner(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "%s: not a regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(e, "%s: not owned by root", path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, "%s: others than its owner can write it", path);
	if (st.st_size > CONF_SIZE_MAX)
		return err_set(e, "%s: more than %d bytes", path, CONF_SIZE_MAX);
	return 0;
}

/* The file, in lines as inih is to see them. */
struct source {
	FILE *file;
	int line;		/* the one that was read last */
	const char *trouble;	/* what is wrong with it */
};

/*
 * inih's own reader would make two lines of a long one, cut one at a NUL, and take
 * an indented one for more of the line before.
 */
static char *read_line(char *line, int room, void *stream)
{
	struct source *s = stream;
	OWN_MEM char *whole = NULL;
	size_t size = 0, blanks;
	ssize_t len = getline(&whole, &size, s->file);

	if (len < 0)
		return NULL;
	s->line++;
	if (len >= room)
		s->trouble = "the line is too long";
	else if (memchr(whole, '\0', (size_t)len))
		s->trouble = "there is a NUL in the line";
	if (s->trouble)
		return NULL;
	blanks = strspn(whole, " \t");
	memcpy(line, whole + blanks, (size_t)len + 1 - blanks);
	return line;
}

static int parse(struct conf *c, const char *path, FILE *file, struct err *e)
{
	struct reader r = { .conf = c };
	struct source s = { .file = file };
	int line = ini_parse_stream(read_line, &s, set_key, &r);

	if (line == 0 && s.trouble)
		return err_set(e, "%s: line %d: %s", path, s.line, s.trouble);
	/* without memory getline() ends early, and the file has no error */
	if (line == 0 && feof(file) && !ferror(file))
		return 0;
	if (line <= 0)
		return err_set(e, "%s: could not be read", path);
	return err_set(e, "%s: line %d: %s", path, line,
		       r.failed ? r.err.text : "neither [section] nor key = value");
}

int conf_read(struct conf *c, const char *path, bool must_exist, struct err *e)
{
	/* O_NONBLOCK, so that a fifo can't hold us */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	int result;
	FILE *file;

	*c = conf_default();
	if (fd < 0 && errno == ENOENT && !must_exist)
		return 0;
	if (fd < 0)
		return err_sys(e, "%s", path);
	result = check_owner(fd, path, e);
	file = result ? NULL : fdopen(fd, "r");
	if (!file) {
		close(fd);
		return result ? result : err_sys(e, "%s", path);
	}
	result = parse(c, path, file, e);
	fclose(file);
	if (result)
		*c = conf_default();
	return result;
}
