/*
 * form.h - how a mark operation is said in what a kernel has.
 *
 * With nf the packet's mark, every operation is nf = (nf & ~mask) ^ value.  What the
 * xtables targets other than MARK can say of that, and for which packets:
 *
 * connmark	all, by way of the connection's mark; only of packets that have a
 *		connection, so in no raw table; without a race only where no other
 *		CPU can have the connection, in nat.
 * SET		all, in the kernel's mangle table only.
 * HMARK	sets the whole mark to a constant, in all tables.  So it says the
 *		operation for all packets if mask is all ones; else for those
 *		whose kept bits (nf & ~mask) are known, which takes one rule with a
 *		match of mark for each value they may have.  Zero is the one value
 *		that nearly all packets have.  And a packet whose masked bits are value
 *		already needs no change, if value is within mask.
 *			--set-mark V/M, --or-mark B, --and-mark B: within; exact for
 *			packets without kept bits, and for those that are marked so
 *			already; another form can follow for the rest.
 *			--xor-mark B, --set-xmark V/M with V outside of M: exact for
 *			packets without kept bits; but then what has been changed
 *			can't be told from what must be, so nothing can follow.
 *		Of ICMP errors whose inner header is cut off it takes no notice
 *		(xt_HMARK.c: get_inner_hdr(), get_inner6_hdr()).
 * nftables	all, of every packet, in all tables of the nft backend.
 */
#ifndef FORM_H
#define FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "helper.h"
#include "kernel.h"
#include "mark.h"
#include "table.h"

#define FORM_NEEDS_MAX 3
#define FORM_RULES_MAX 6
#define FORM_RULE_TEXT_MAX 128	/* bytes of one rule's text with the terminator */

/* Which operations a form can say. */
enum form_ops {
	OPS_ANY,
	OPS_WHOLE,	/* the mask is all ones */
	OPS_WITHIN,	/* the mask is not, and value has no bit outside of it */
	OPS_PARTIAL,	/* the mask is not */
};

/* What has to be made for a form before its rules can be loaded, or instead of them. */
enum form_part {
	PART_NONE,
	PART_SET,	/* an ipset, of form_set_name() */
	PART_CHAIN,	/* the helper chain itself, by nftables; the input has no rules for it */
};

/*
 * A form is data: the targets and matches that it needs, the operations and the tables that
 * it may be used for, the tables where it is exact for every packet, what is less
 * than exact in the others, and the rules of the helper chain that says the
 * operation, in order.
 *
 * In a rule's text {value}, {mask}, {keep} (~mask) and {both} (value | mask) stand
 * for the bits of the operation, as 0x hex, and {set} for the name of its ipset.  A
 * rule with `if_value` is left out when value is 0.
 */
struct form_rule {
	const char *says;
	bool if_value;
};

struct form {
	const char *name;	/* in messages and in the configuration file; rows may share it */
	enum xt needs[FORM_NEEDS_MAX];
	size_t n_needs;
	enum form_ops ops;
	enum form_part part;
	bool nft_only;		/* not with the legacy backend */
	bool last;		/* only if no other form of the table's list can be had */
	unsigned int tables;	/* bits 1 << enum table */
	unsigned int exact;	/* likewise */
	const char *caveat;	/* what holds where it isn't exact */
	struct form_rule rules[FORM_RULES_MAX];
	size_t n_rules;
};

#define FORM_COUNT 6
extern const struct form forms[FORM_COUNT];

/* For each table the forms that may be used, best first. */
struct form_order {
	const struct form *at[TABLE_COUNT][FORM_COUNT + 1];	/* NULL ends a list */
};

/* The built-in order: as in forms[], wherever a form may be used; in nat connmark is first. */
struct form_order form_order_default(void);

/*
 * Sets one table's list from names with commas or blanks between them, or "none".
 * A name stands for all rows that have it and may be used in the table.
 * Returns 0, or -1 with *e set and the order as it was: no such form, a form
 * that does not work in this table, or one named twice.
 */
int form_order_set(struct form_order *o, enum table t, const char *names, struct err *e);

/* Whoever can find out more of the kernel than its answers say.  NULL: there is no more. */
struct form_asker {
	/* the answer for one of a form's needs, where the kernel's is unknown */
	enum answer (*has)(struct form_asker *a, enum xt x);
	/* does the form work as a whole? */
	bool (*works)(struct form_asker *a, const struct form *form);
	/*
	 * Does the kernel's table have a chain with the target's name?  iptables then jumps
	 * there, instead of to the target (iptables.c: "using chain %s, not extension").
	 */
	bool (*hides)(struct form_asker *a, enum table t, enum xt target);
};

/* What a form is chosen for.  All borrowed. */
struct form_ground {
	const struct form_order *order;
	const struct kernel *kernel;
	enum family family;
	enum backend backend;
	bool exact_only;		/* a form that is less than exact in the table is none */
	bool keeps_chains;		/* the chains that the kernel's table has stay */
	struct form_asker *asker;
};

/*
 * The best form for an operation in a table: the first of the table's list that can
 * say it, whose needs have all been answered with yes, and that works.  NULL if there
 * is none.
 */
const struct form *form_choose(const struct form_ground *g, enum table t, struct mark_op op);

/* A chain of the kernel's table stays that has the target's name. */
bool form_target_is_hidden(const struct form_ground *g, enum table t, enum xt target);

/* So it is with MARK, or with a target of a form that could be chosen otherwise. */
bool form_any_hidden(const struct form_ground *g, enum table t);

/* All that the form needs is there, and it works. */
bool form_can_be_had(const struct form_ground *g, const struct form *form);

/* The kernel's answer, or the asker's where the kernel has none. */
enum answer form_has(const struct form_ground *g, enum xt x);

static inline bool form_is_exact(const struct form *form, enum table t)
{
	return form->exact & (1u << t);
}

/* The ipset of a form with PART_SET: the helper chain's name and the family, zz-mark-1-1-6. */
#define FORM_SET_NAME_MAX (HELPER_NAME_MAX + 2)
void form_set_name(char name[static FORM_SET_NAME_MAX], struct mark_op op, enum family f);

/*
 * Writes the text of the form's n-th rule, from its -j on, without a newline.
 * Returns false, with text empty, if this operation doesn't need that rule.
 */
bool form_say(char text[static FORM_RULE_TEXT_MAX], const struct form *form, size_t n,
	      struct mark_op op, enum family f);

/*
 * Writes the helper chain's rules, a line each, with its declaration before them if
 * `declare` says so.  Returns the number of lines; *len is that of the text, which
 * is terminated.
 */
#define FORM_CHAIN_TEXT_MAX ((FORM_RULES_MAX + 1) * (FORM_RULE_TEXT_MAX + HELPER_NAME_MAX + 8))
size_t form_chain(char text[static FORM_CHAIN_TEXT_MAX], size_t *len, const struct form *form,
		  struct mark_op op, enum family f, bool declare);

#endif
