/* memfd.h - a ruleset in memory that the real program can read as its standard input. */
#ifndef MEMFD_H
#define MEMFD_H

#include <stddef.h>

#include "err.h"
#include "span.h"

struct memfd {
	int fd;			/* close-on-exec; -1 if there is none */
	size_t used;		/* bytes in `buffer` */
	char buffer[65536];	/* small pieces wait here */
};

/* Each returns 0, or -1 with *e set. */
int memfd_open(struct memfd *m, struct err *e);
int memfd_write(struct memfd *m, struct span s, struct err *e);

/* Writes what waits, seals the file against any change, and goes to its start. */
int memfd_seal(struct memfd *m, struct err *e);

void memfd_close(struct memfd *m);

#endif
