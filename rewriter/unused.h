/* unused.h - the helper chains of a saved ruleset that no rule jumps to. */
#ifndef UNUSED_H
#define UNUSED_H

#include <stddef.h>

#include "kernel.h"
#include "mark.h"
#include "span.h"
#include "table.h"

/* One helper chain, in what *-save prints. */
struct unused_chain {
	enum table table;
	struct mark_op op;
	size_t jumps;		/* rules that lead to it */
};

struct unused {
	struct unused_chain *at;	/* given; to be freed by unused_release() */
	size_t n;
};

/* Finds all helper chains.  Returns 0, or -1 if there is no memory. */
int unused_find(struct unused *u, struct span saved, enum family family);
void unused_release(struct unused *u);

#endif
