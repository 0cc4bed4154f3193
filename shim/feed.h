/* feed.h - the real program as a child, when its input or output is not the caller's own. */
#ifndef FEED_H
#define FEED_H

#include "err.h"
#include "input.h"
#include "real.h"
#include "stream.h"

struct feed_job {
	const struct real *real;
	char **argv;
	int rules;			/* its standard input; -1: the caller's */
	const struct stream_filter *filters;	/* for standard output and standard error, at most */
	size_t n_filters;
	/* or NULL: what has to follow its end, whatever signal comes */
	void (*then)(void *state, int status);
	void *state;
};

/*
 * Runs the real program and waits for it.  Signals that reach us go on to it, it
 * stops and continues as we do, and it dies if we do.  What it says where no filter
 * is set goes to the caller directly.
 *
 * *status	what waitpid() said; 1 where some of its output was lost.  That, and lost
 *		messages of its standard error, is said on ours
 *
 * Returns 0, or -1 with *e set if it was not run at all.
 */
int feed_real(const struct feed_job *job, int *status, struct err *e);

/* Ends as the child did: with its exit status, or by the same signal. */
void feed_end_like(int status) __attribute__((noreturn));

/*
 * Gives back what was consumed: makes a pipe the standard input, out of which come
 * the bytes read already and then whatever else the descriptor has.  A process of
 * its own writes it.  Returns 0, or -1 with *e set.
 */
int feed_replay(const struct input *in, struct err *e);

#endif
