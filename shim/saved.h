/* saved.h - all rules that there are, as the real *-save programs print them. */
#ifndef SAVED_H
#define SAVED_H

#include "applet.h"
#include "conf.h"
#include "err.h"
#include "text.h"

#define SAVED_MAX ((size_t)1 << 30)	/* bytes */

/* One of a family's -save programs. */
struct saved_program {
	struct applet applet;
	enum backend backend;
};

/*
 * The plain name leads to one backend; callers that use the other's names may have
 * fed that.  Fills p with the first, be it there or not, and with the other if it is
 * there.  Returns how many those are.
 */
size_t saved_programs(struct saved_program p[static 2], enum family f, const struct conf *c);

/* All rules of its tables.  Returns 0, or -1 with *e set. */
int saved_read(struct text *saved, const struct saved_program *p, const struct conf *c,
	       struct err *e);

/*
 * Runs a real program with one option, or none (NULL), and `input` as its standard
 * input (-1: nothing).  Returns 0, or -1 with *e set if it did not end with status 0.
 */
int saved_run(struct applet a, const struct conf *c, const char *option, int input,
	      struct text *out, struct err *e);

#endif
