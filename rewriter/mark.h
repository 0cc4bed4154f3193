/* mark.h - what a rule does to the packet mark. */
#ifndef MARK_H
#define MARK_H

#include <stdint.h>

/*
 * Every option of the MARK target says the same sentence (libxt_MARK.c,
 * mark_tg2 in the kernel's xt_mark.c):
 *
 *	mark = (mark & ~mask) ^ value
 *
 * --set-xmark V/M is { V, M }, --set-mark V/M is { V, V | M }, --or-mark B is
 * { B, B }, --and-mark B is { 0, ~B }, --xor-mark B is { B, 0 }; a mask that is
 * left out is all ones.  Host byte order.
 */
struct mark_op {
	uint32_t value, mask;
};

/*
 * Reads one MARK option.
 *
 * option	its full name without dashes, as in "or-mark"
 * arg		VALUE or VALUE/MASK, in decimal, 0x hex or 0 octal, as
 *		xtables_strtoul() reads it; only read, never kept
 * op		set on success, untouched on failure
 *
 * Returns 0, or -1 if the real program would refuse it: no option of MARK, not
 * a number, too big, or a mask where none is allowed.
 */
int mark_parse(struct mark_op *op, const char *option, const char *arg);

/* The mark that a packet with `mark` leaves the rule with. */
uint32_t mark_apply(struct mark_op op, uint32_t mark);

#endif
