/* feed.h - the real program as a child, when its input is not the caller's own. */
#ifndef FEED_H
#define FEED_H

#include "err.h"
#include "input.h"
#include "line_map.h"
#include "real.h"

/*
 * Runs the real program with `rules` as its standard input and waits for it.
 * Signals that reach us go on to it, it stops and continues as we do, and it dies
 * if we do.  What it says on standard error comes out with the caller's line
 * numbers.
 *
 * *status	what waitpid() said
 *
 * Returns 0, or -1 with *e set if it was not run at all.
 */
int feed_real(const struct real *real, char *argv[], int rules, const struct line_map *map,
	       int *status, struct err *e);

/* Ends as the child did: with its exit status, or by the same signal. */
void feed_end_like(int status) __attribute__((noreturn));

/*
 * Gives back what was consumed: makes a pipe the standard input, out of which come
 * the bytes read already and then whatever else the descriptor has.  A process of
 * its own writes it.  Returns 0, or -1 with *e set.
 */
int feed_replay(const struct input *in, struct err *e);

#endif
