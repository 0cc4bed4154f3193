/* stream.h - what the real program says, line by line, on its way to the caller. */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"
#include "text.h"

/*
 * What becomes of a line: `say` appends to `to` what the caller shall read instead.
 * After the last line it is called once with an empty one.
 */
struct stream_filter {
	int fd;			/* STDOUT_FILENO or STDERR_FILENO, ours and the program's */
	void (*say)(void *state, struct text *to, struct span line);
	void *state;
};

struct stream {
	const struct stream_filter *filter;
	int from;			/* what the program writes to; -1 when that has ended */
	struct text waiting;		/* a line that has not ended yet */
	struct text queue;		/* what the caller shall read, from byte `said` on; failed
					   if some of it is lost */
	size_t said;
	int lost;			/* the signal that a program gets for writing there what was lost; 0 */
};

static inline bool stream_has_more_to_say(const struct stream *s)
{
	return s->said < s->queue.len;
}

/*
 * Writes of the queue what fits in a pipe that can be written to, so that no reader
 * can hold us.  A reader that is gone is so for the program too.
 */
void stream_say(struct stream *s);

/* Reads once.  Returns false when there is nothing to be had now, or no more ever. */
bool stream_read(struct stream *s);

/* No more will come: the last line, if it has no newline, goes to the queue. */
void stream_finish(struct stream *s);

/* Closes and frees what is held. */
void stream_release(struct stream *s);

#endif
