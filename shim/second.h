/* second.h - the second program, markshim-kernel. */
#ifndef SECOND_H
#define SECOND_H

#include <stdbool.h>

#include "err.h"
#include "kernel.h"
#include "span.h"
#include "text.h"

/*
 * Whether this kernel commits a MARK rule with a mask that is not all ones, which
 * only a trial shows.  The verdict is remembered until the next boot, or until
 * another xt_mark module is loaded.  ANSWER_UNKNOWN with *e set if it can't be had.
 */
enum answer second_masks(enum family f, enum backend b, struct err *e);

/* The revision of MARK that the installed iptables would use; -1 none, -2 cannot tell. */
int second_revision(enum family f, enum backend b);

/* It is installed, or lies beside this program. */
bool second_there(void);

/* It runs here as well: has its loader and libraries.  *e is set if not. */
bool second_runs(struct err *e);

/*
 * Makes what the lines name, as rewrite.h's struct rewrite_parts has them; all of it
 * or nothing.  *made gets the lines of what was not there before.  Returns 0, or -1
 * with *e set.
 */
int second_make(enum family f, struct span lines, struct text *made, struct err *e);

/* Removes what such lines name, as far as nothing uses it; *removed gets the lines of that. */
int second_unmake(enum family f, struct span lines, struct text *removed, struct err *e);

/* A line for each ipset of ours.  Returns as second_make(). */
int second_sets(enum family f, struct text *lines, struct err *e);

#endif
