/* declared.h - which helper chains a table of the output holds already. */
#ifndef DECLARED_H
#define DECLARED_H

#include <stddef.h>
#include <stdint.h>

#include "mark.h"

enum declared_state {
	DECLARED_NOT,		/* the input being written doesn't have it */
	DECLARED_EMPTY,		/* it is there, and a -F has taken its rules away */
	DECLARED_FILLED,
};

/*
 * A set of operations, with a state each.  Zero-initialised is valid and empty.
 * It is hashed: a ruleset may hold as many operations as it has rules.
 */
struct declared {
	struct declared_entry {
		struct mark_op op;
		uint32_t filled;	/* `flushes` + 1 at that time; 0: the place is free */
	} *at;
	size_t n, room;			/* entries; room is a power of two */
	uint32_t flushes;		/* how often -F has emptied all chains */
};

enum declared_state declared_get(const struct declared *d, struct mark_op op);

/* Says that op's chain is there and filled.  Returns 0, or -1 if there is no memory. */
int declared_fill(struct declared *d, struct mark_op op);

/* A -F without a chain: all chains are still there, but empty. */
void declared_flush(struct declared *d);

/* A new table, or a -X without a chain: none is there.  Frees the memory. */
void declared_clear(struct declared *d);

#endif
