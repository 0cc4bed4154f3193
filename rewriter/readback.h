/* readback.h - what the programs print, with helper chains turned back into MARK rules. */
#ifndef READBACK_H
#define READBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "mark.h"
#include "span.h"
#include "table.h"
#include "text.h"

/*
 * What is read, line by line.  Zero-initialised it is at the start of what *-save
 * or -S print; for -L set `lists`, for the rules that -v shows set `shows`.
 */
struct readback {
	bool lists, shows;
	const char *absent;	/* -v: a helper chain that is not there; see readback.c */
	size_t before_target;	/* -L: columns left of the target's; to be set too */
	bool hides;		/* -L: inside of a helper chain */
	bool blank;		/* -L: an empty line waits for what follows it */
	bool quoted;		/* the line before this ended inside of a comment */
	size_t held;		/* how many bytes ago that was, by lines */
	bool drops;		/* that line was dropped */
	bool owes;		/* -L: and was a jump to a helper chain, so that `op` is due */
	struct mark_op op;
	bool in_table;		/* *-save: behind a table's line, and no COMMIT yet */
	enum table table;	/* *-save: of that line; whoever lists one may set it */
	bool heading;		/* -L: the next line names the columns */
	size_t rules;		/* of that table, so far, helper chains' not counted */
};

/*
 * Appends to `to` what a kernel with MARK would have had the program print for
 * this line: nothing for a helper chain and its rules; a jump to one as the MARK
 * rule it stands for, in the words of libxt_MARK.c; anything else as it is.  An
 * empty line, without a newline even, is the end.
 */
void readback_line(struct readback *r, struct text *to, struct span line);

#endif
