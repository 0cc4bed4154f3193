/* conf.h - the configuration file. */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>

#include "applet.h"
#include "err.h"
#include "form.h"
#include "kernel.h"

enum conf_mode { MODE_REWRITE, MODE_DRY_RUN, MODE_OFF, MODE_COUNT };

const char *conf_mode_name(enum conf_mode m);	/* "dry-run", as in the file */

#define CONF_PATH_MAX 192	/* bytes; inih reads lines of up to 200 */

struct conf {
	enum conf_mode mode;
	enum kernel_class assume;		/* CLASS_UNKNOWN: ask the kernel */
	enum backend backend;			/* BACKEND_UNKNOWN: whichever the real program has */
	char real[APPLET_COUNT][CONF_PATH_MAX];	/* by applet_index(); "" where none is set */
	bool log_syslog, log_stderr;
	char log_file[CONF_PATH_MAX];		/* "" for none */
	struct form_order forms;
	bool refuse_inexact;			/* no form that is less than exact */
	bool drop_unsupported;			/* a rule of a target that has no form is left out */
};

/* What is in force without a file. */
struct conf conf_default(void);

/*
 * Reads the file at `path`.
 *
 * path		must be a regular file of root's, or of the caller's own if that
 *		isn't root, that nobody else can write; a link is not followed
 * must_exist	whether a missing file is an error
 *
 * Returns 0, or -1 with *e naming file and line; then *c is conf_default().
 */
int conf_read(struct conf *c, const char *path, bool must_exist, struct err *e);

#endif
