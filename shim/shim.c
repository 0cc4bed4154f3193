#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "one_rule.h"
#include "process.h"
#include "read_back.h"
#include "restore.h"

const char *shim_conf_path(void)
{
	const char *named = secure_getenv("MARKSHIM_CONF");

	return named && *named ? named : SHIM_CONF;
}

int shim_read_conf(struct conf *c, struct err *e)
{
	const char *path = shim_conf_path();

	return conf_read(c, path, strcmp(path, SHIM_CONF) != 0, e);
}

enum backend shim_backend(const struct shim *s)
{
	return real_backend(&s->real, s->applet, &s->conf, s->name);
}

static void complain(const struct shim *s, const struct err *e)
{
	fprintf(stderr, "markshim: %s: %s\n", s->name, e->text);
}

int shim_exec(struct shim *s)
{
	struct err e;
	int status;

	log_end(&s->log);
	status = real_exec(&s->real, s->argv, &e);
	complain(s, &e);
	return status;
}

int shim_exec_as(struct shim *s, char *argv[])
{
	s->argv = argv;
	return shim_exec(s);
}

/* The multi-call binaries choose what they are by argv[0], and know no -markshim. */
static void name_argv0(struct shim *s)
{
	const char *slash = strrchr(s->argv[0], '/');

	if (strcmp(slash ? slash + 1 : s->argv[0], s->name) != 0)
		s->argv[0] = s->name;
}

static int (*const mains[APPLET_KINDS])(struct shim *s) = {
	[APPLET_COMMAND] = one_rule_main,
	[APPLET_RESTORE] = restore_main,
	[APPLET_SAVE] = save_main,
};

int shim_main(struct applet a, int argc, char *argv[])
{
	struct shim s = { .applet = a, .argc = argc, .argv = argv, .started = process_now() };
	struct err e;
	int status;

	applet_name(s.name, a);
	name_argv0(&s);
	log_begin(&s.log, &s.conf, s.name);
	if (shim_read_conf(&s.conf, &e) < 0)
		log_note(&s.log, LOG_ERR, e.text);
	if (real_find(&s.real, a, &s.conf, &e, &status) < 0) {
		complain(&s, &e);
		return status;
	}
	if (!process_enter()) {
		err_set(&e, "the real program `%s' leads back to markshim", s.real.path);
		complain(&s, &e);
		return REAL_CANNOT_RUN;
	}
	return s.conf.mode == MODE_OFF ? shim_exec(&s) : mains[a.kind](&s);
}
