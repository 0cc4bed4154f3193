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

/*
 * Whether whoever got it as standard input has read any of it.  To be asked of a program that
 * has ended with status 0: at an exec into another domain SELinux may put an empty file in the
 * place of one that the new domain must not read, and no rules at all load without a word.
 * (A part is no sign of that: iptables-restore ends with 0 at a rule with -h.)
 */
int memfd_was_read(const struct memfd *m, struct err *e);

void memfd_close(struct memfd *m);

#endif
