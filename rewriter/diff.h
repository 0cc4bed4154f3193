/* diff.h - what a rewrite changes, as a unified diff. */
#ifndef DIFF_H
#define DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "rewrite.h"
#include "text.h"

struct diff_style {
	bool colour;	/* for a terminal: colours, and control characters shown as \xNN */
};

/*
 * Rewrites `job` and appends the difference to `to`, three lines of context
 * around each change, in a form that patch -p1 and git apply take.
 *
 * name		the file's, for the ---/+++ lines; slashes, ./ and ../ before it are left out
 * to		nothing is added if there is no difference
 *
 * Returns 0, or -1 with *e set if there was no memory.
 */
int diff_rewrite(struct text *to, const struct rewrite_job *job, const char *name,
		 struct diff_style style, struct err *e);

#endif
