/* input.h - the ruleset as the caller feeds it, without taking it away from him. */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "span.h"

/* Beyond this the input goes to the real program as it is.  A kube-proxy with 50,000 services
 * times 10 endpoints has 173 MB. */
#define INPUT_MAX ((size_t)512 << 20)

struct input {
	char *at;		/* what was read: len bytes of room, mapped */
	size_t len, room;
	int fd;			/* borrowed */
	bool consumed;		/* something was taken from a pipe or terminal; never from a file */
	bool whole;		/* it was read to its end */
};

/*
 * Reads all that `fd` has from its present position on.  A regular file's
 * position stays where it was.
 *
 * Returns 0, or -1 with *e set; then at[0..len-1] is what had been read by then.
 */
int input_read(struct input *in, int fd, struct err *e);

static inline struct span input_span(const struct input *in)
{
	return (struct span){ in->at, in->len };
}

void input_release(struct input *in);

#endif
