/* real.h - the real iptables program behind an applet. */
#ifndef REAL_H
#define REAL_H

#include <limits.h>
#include <stdbool.h>

#include "applet.h"
#include "conf.h"
#include "err.h"

struct real {
	char path[PATH_MAX];
	const char *origin;	/* how it was found, for people; a constant */
};

/*
 * What was in force before markshim came, where somebody had pinned it or its link was
 * replaced: in a file each for ip6tables and iptables, the path of the command, such as
 * /usr/sbin/ip6tables-legacy, or of a multi-call binary.
 */
#define REAL_RECORD_DIR "/var/lib/markshim"
#define REAL_RECORD_PREFIX "real-"

/* Exit statuses where the real program could not be run, as a shell has them. */
enum { REAL_CANNOT_RUN = 126, REAL_NOT_FOUND = 127 };

/*
 * Finds the program, never by PATH and never this very file: what the
 * configuration names; else the record of the installation, the plain name where
 * we only stand in front of it, what the alternatives would choose without us, and
 * the usual names in the usual directories.  What the configuration names must be
 * root's alone (trust.h).  All else would run without us as well, and whoever can write
 * there has no need of us.
 *
 * Returns 0, or -1 with *e set and *status the exit status to use.
 */
int real_find(struct real *real, struct applet a, const struct conf *c, struct err *e,
	      int *status);

/*
 * The program's backend: as configured or as the applet's name says, else by the
 * multi-call binary that it is; a program that this doesn't tell is asked for its
 * --version, as `name`.
 */
enum backend real_backend(const struct real *real, struct applet a, const struct conf *c,
			  const char *name);

/*
 * Becomes the program, with the caller's arguments, environment and signals.
 * Returns the exit status only if that fails, with *e set.
 */
int real_exec(const struct real *real, char *argv[], struct err *e);

#endif
