/* revision.h - what libxtables makes of the kernel's answers. */
#ifndef REVISION_H
#define REVISION_H

#include "kernel.h"

/*
 * The revision of target MARK that the installed iptables would use for this
 * family, as its library finds out; -1 if it has no MARK at all.
 */
int revision_of_mark(enum family f, enum backend b);

#endif
