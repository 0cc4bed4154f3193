/* look_legacy.h - look.h's questions to the legacy tables, whole as the kernel hands them out. */
#ifndef LOOK_LEGACY_H
#define LOOK_LEGACY_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"
#include "table.h"

enum answer look_legacy_chain(enum family f, enum table t, const char *chain);
enum answer look_legacy_rules(enum family f, enum table t, const char *chain);
enum answer look_legacy_helpers(enum family f, enum table t);

/* Sets named[x] for each target that has a chain of its name in the table. */
enum answer look_legacy_targets(enum family f, enum table t, bool named[static XT_COUNT]);

/*
 * The walk behind them, over the entries of one table as IP6T_SO_GET_ENTRIES gives
 * them (host byte order; struct ip6t_entry or ipt_entry).  Calls `see` for each
 * chain that a user made, until that returns true.  Returns false if the entries
 * are not what they ought to be.
 */
typedef bool look_legacy_see(void *state, const char *chain, bool has_rules);
bool look_legacy_walk(enum family f, const void *entries, size_t len, look_legacy_see *see,
		      void *state);

#endif
