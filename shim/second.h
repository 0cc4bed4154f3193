/* second.h - the second program, markshim-kernel. */
#ifndef SECOND_H
#define SECOND_H

#include "err.h"
#include "kernel.h"

/*
 * Whether this kernel commits a MARK rule with a mask that is not all ones, which
 * only a trial shows.  The verdict is remembered until the next boot, or until
 * another xt_mark module is loaded.  ANSWER_UNKNOWN with *e set if it can't be had.
 */
enum answer second_masks(enum family f, enum backend b, struct err *e);

/* The revision of MARK that the installed iptables would use; -1 none, -2 cannot tell. */
int second_revision(enum family f, enum backend b);

#endif
