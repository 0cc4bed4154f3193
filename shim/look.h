/* look.h - looks for chains in the kernel's tables, without a process. */
#ifndef LOOK_H
#define LOOK_H

#include <stddef.h>

#include "kernel.h"
#include "table.h"

/*
 * Where iptables and its kind keep their tables.  A look at one legacy table makes it, if nobody
 * has used it so far, as the real program's own would; a look at all of them makes none.
 */
struct look {
	enum backend backend;
	enum family family;
};

/* Is there a chain of that name?  All of these: unknown if that can't be told. */
enum answer look_chain(struct look l, enum table t, const char *chain);

/* Is there one with rules in it? */
enum answer look_rules(struct look l, enum table t, const char *chain);

/*
 * Is there any helper chain in this table?  TABLE_UNKNOWN: in any table.  Of a large
 * legacy table the answer is yes without a look, which would cost more than it saves.
 */
enum answer look_helpers(struct look l, enum table t);

#endif
