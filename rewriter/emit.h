/* emit.h - the text that stands in place of a rule; for rewrite.c alone. */
#ifndef EMIT_H
#define EMIT_H

#include <stddef.h>

#include "rewrite.h"

/* All append to r->out; a line of LEXER_LINE_MAX bytes and what belongs to it fits. */

/*
 * Declares (unless `state` says that it is there) and fills the helper chain of
 * r->change.  Returns the number of lines that took.
 */
size_t emit_helper(struct rewrite *r, enum declared_state state);

/*
 * r->rule with another target and that one's option ("" for none), and without
 * its MARK option if it has one.  Returns 0, or -1 if it is longer than a line
 * that iptables-restore reads at once.
 */
int emit_rule(struct rewrite *r, struct span line, const char *target, const char *option);

/* r->rule without its target and MARK option, so that it does nothing. */
void emit_without_target(struct rewrite *r, struct span line);

#endif
