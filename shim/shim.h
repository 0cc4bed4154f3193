/* shim.h - one run of a drop-in, from its name to the real program. */
#ifndef SHIM_H
#define SHIM_H

#include <stdint.h>

#include "applet.h"
#include "asked.h"
#include "conf.h"
#include "log.h"
#include "real.h"

#define SHIM_CONF SYSCONFDIR "/markshim.conf"

struct shim {
	struct applet applet;
	char name[APPLET_NAME_MAX];
	int argc;
	char **argv;		/* as the real program is to see it */
	struct conf conf;
	struct real real;
	struct log log;
	uint64_t started;	/* process_now() */
};

/* The file that the configuration comes from: MARKSHIM_CONF, or the usual one. */
const char *shim_conf_path(void);

/* Reads it.  Returns 0, or -1 with *e set and the defaults in *c. */
int shim_read_conf(struct conf *c, struct err *e);

/*
 * Stands in for the real program.  Returns the exit status only where that could
 * not be run; then a message of ours is on standard error.
 */
int shim_main(struct applet a, int argc, char *argv[]);

/* The backend that the real program has. */
enum backend shim_backend(const struct shim *s);

/* Becomes the real program; the log is closed.  Returns as shim_main() does. */
int shim_exec(struct shim *s);

/* The same with other arguments; if that fails, so does shim_exec(). */
int shim_exec_as(struct shim *s, char *argv[]);

#endif
