/* form.h - how a mark operation is said in targets that a kernel has. */
#ifndef FORM_H
#define FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "helper.h"
#include "kernel.h"
#include "mark.h"
#include "table.h"

#define FORM_NEEDS_MAX 2
#define FORM_RULES_MAX 4
#define FORM_RULE_TEXT_MAX 96	/* bytes of one rule's text with the terminator */

/*
 * A form is data: the targets that it needs, the tables that it may be used in,
 * those where it is exact for every packet, what is less than exact in the
 * others, and the rules of the helper chain that says the operation, in order.
 *
 * In a rule's text {value}, {mask} and {both} (value | mask) stand for the bits of
 * the operation, as 0x hex.  A rule with `if_value` is left out when value is 0.
 */
struct form_rule {
	const char *says;
	bool if_value;
};

struct form {
	const char *name;	/* in messages and in the configuration file */
	enum xt needs[FORM_NEEDS_MAX];
	size_t n_needs;
	unsigned int tables;	/* bits 1 << enum table */
	unsigned int exact;	/* likewise */
	const char *caveat;	/* what holds where it isn't exact */
	struct form_rule rules[FORM_RULES_MAX];
	size_t n_rules;
};

#define FORM_COUNT 1
extern const struct form forms[FORM_COUNT];

/* For each table the forms that may be used, best first. */
struct form_order {
	const struct form *at[TABLE_COUNT][FORM_COUNT + 1];	/* NULL ends a list */
};

/* The built-in order: as in forms[], wherever a form may be used. */
struct form_order form_order_default(void);

/*
 * Sets one table's list from names with commas or blanks between them, or "none".
 * Returns 0, or -1 with *e set and the order as it was: no such form, a form
 * that does not work in this table, or one named twice.
 */
int form_order_set(struct form_order *o, enum table t, const char *names, struct err *e);

/*
 * The best form for a table on this kernel: the first of its list whose needs
 * have all been answered with yes.  NULL if there is none.
 */
const struct form *form_choose(const struct form_order *o, enum table t, enum family f,
			       const struct kernel *k);

static inline bool form_is_exact(const struct form *form, enum table t)
{
	return form->exact & (1u << t);
}

/*
 * Writes the text of the form's n-th rule, from its -j on, without a newline.
 * Returns false, with text empty, if this operation doesn't need that rule.
 */
bool form_say(char text[static FORM_RULE_TEXT_MAX], const struct form *form, size_t n,
	      struct mark_op op);

/*
 * Writes the helper chain's rules, a line each, with its declaration before them if
 * `declare` says so.  Returns the number of lines; *len is that of the text, which
 * is terminated.
 */
#define FORM_CHAIN_TEXT_MAX ((FORM_RULES_MAX + 1) * (FORM_RULE_TEXT_MAX + HELPER_NAME_MAX + 8))
size_t form_chain(char text[static FORM_CHAIN_TEXT_MAX], size_t *len, const struct form *form,
		  struct mark_op op, bool declare);

#endif
