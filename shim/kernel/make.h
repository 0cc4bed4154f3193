/* make.h - the commands make, unmake and sets; each returns the exit status. */
#ifndef MAKE_H
#define MAKE_H

#include "kernel.h"

/*
 * Parts are read from standard input, see parts.h.  `make` makes all or none, and
 * prints those that were not there before; `unmake` removes those that nothing uses,
 * and prints them; `sets` prints the ipsets of ours.
 */
int make_parts(enum family f);
int unmake_parts(enum family f);
int list_sets(enum family f);

#endif
