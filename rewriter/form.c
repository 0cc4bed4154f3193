#include "form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define IN(table) (1u << TABLE_##table)

const struct form forms[FORM_COUNT] = {
	{
		/*
		 * The connection mark serves as scratch paper and is put back.  With
		 * nf for the packet's mark, ct for the connection's (xt_connmark.c:
		 * connmark_tg_shift()):
		 *	nf = (nf & ~mask) ^ (ct & both)
		 *	ct = ct ^ value
		 *	nf = nf ^ (ct & both)	= (nf as it was & ~mask) ^ value
		 *	ct = ct ^ value		= ct as it was
		 * The manual says that --restore-mark is for mangle only; no kernel
		 * does.  Not in raw: there is no connection yet, so nothing happens.
		 */
		.name = "connmark",
		.needs = { XT_CONNMARK }, .n_needs = 1,
		.tables = IN(NAT) | IN(MANGLE) | IN(FILTER) | IN(SECURITY),
		/* nat sees only first packets, whose entry no other CPU has */
		.exact = IN(NAT),
		.caveat = "packets without a connection (NOTRACK, INVALID, neighbour discovery) "
			"are not marked, and two CPUs at one established connection can lose a mark",
		.rules = {
			{ "-j CONNMARK --restore-mark --nfmask {mask} --ctmask {both}", false },
			{ "-j CONNMARK --set-xmark {value}/0x0", true },
			{ "-j CONNMARK --restore-mark --nfmask 0x0 --ctmask {both}", false },
			{ "-j CONNMARK --set-xmark {value}/0x0", true },
		},
		.n_rules = 4,
	},
};

static const struct form *find(const char *name, size_t len)
{
	for (size_t i = 0; i < FORM_COUNT; i++)
		if (strlen(forms[i].name) == len && !memcmp(forms[i].name, name, len))
			return &forms[i];
	return NULL;
}

struct form_order form_order_default(void)
{
	struct form_order o = { 0 };

	for (int t = 0; t < TABLE_COUNT; t++) {
		size_t n = 0;

		for (size_t i = 0; i < FORM_COUNT; i++)
			if (forms[i].tables & (1u << t))
				o.at[t][n++] = &forms[i];
	}
	return o;
}

static int add(const struct form *list[], size_t *n, enum table t, const char *name, size_t len,
	       struct err *e)
{
	const struct form *form = find(name, len);

	if (!form)
		return err_set(e, "`%.*s' is no form", (int)len, name);
	if (!(form->tables & (1u << t)))
		return err_set(e, "form `%s' does not work in table %s", form->name, table_name(t));
	for (size_t i = 0; i < *n; i++)
		if (list[i] == form)
			return err_set(e, "form `%s' is named twice", form->name);
	list[(*n)++] = form;
	return 0;
}

int form_order_set(struct form_order *o, enum table t, const char *names, struct err *e)
{
	const struct form *list[FORM_COUNT + 1] = { NULL };
	size_t n = 0, len;

	if (!strcmp(names, "none"))
		names = "";
	else if (!*names)
		return err_set(e, "a form or `none' is missing");
	for (; names += strspn(names, ", \t"), len = strcspn(names, ", \t"), len; names += len)
		if (add(list, &n, t, names, len, e) < 0)
			return -1;
	memcpy(o->at[t], list, sizeof(list));
	return 0;
}

static bool kernel_takes(const struct kernel *k, enum family f, const struct form *form)
{
	for (size_t i = 0; i < form->n_needs; i++)
		if (k->has[f][form->needs[i]] != ANSWER_YES)
			return false;
	return true;
}

const struct form *form_choose(const struct form_order *o, enum table t, enum family f,
			       const struct kernel *k)
{
	if (t == TABLE_UNKNOWN)
		return NULL;
	for (const struct form *const *form = o->at[t]; *form; form++)
		if (kernel_takes(k, f, *form))
			return *form;
	return NULL;
}

/* The number that the hole at `hole` stands for; *end is set behind it. */
static uint32_t fill(const char *hole, struct mark_op op, const char **end)
{
	const struct {
		const char *name;
		uint32_t bits;
	} holes[] = {
		{ "{value}", op.value },
		{ "{mask}", op.mask },
		{ "{both}", op.value | op.mask },
	};

	for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
		*end = hole + strlen(holes[i].name);
		if (!strncmp(hole, holes[i].name, strlen(holes[i].name)))
			return holes[i].bits;
	}
	*end = hole + strlen(hole);
	return 0;
}

bool form_say(char text[static FORM_RULE_TEXT_MAX], const struct form *form, size_t n,
	      struct mark_op op)
{
	size_t used = 0;
	const char *says;

	text[0] = '\0';
	if (n >= form->n_rules || (form->rules[n].if_value && !op.value))
		return false;
	for (says = form->rules[n].says; *says && used < FORM_RULE_TEXT_MAX - 1;) {
		size_t plain = strcspn(says, "{");

		used += (size_t)snprintf(text + used, FORM_RULE_TEXT_MAX - used, "%.*s",
					 (int)plain, says);
		says += plain;
		if (*says) {
			uint32_t bits = fill(says, op, &says);

			used += (size_t)snprintf(text + used, FORM_RULE_TEXT_MAX - used,
						 "0x%" PRIx32, bits);
		}
	}
	return true;
}

size_t form_chain(char text[static FORM_CHAIN_TEXT_MAX], size_t *len, const struct form *form,
		  struct mark_op op, bool declare)
{
	char name[HELPER_NAME_MAX], say[FORM_RULE_TEXT_MAX];
	size_t lines = 0, used = 0;

	helper_name(name, op);
	text[0] = '\0';
	if (declare) {
		used = (size_t)snprintf(text, FORM_CHAIN_TEXT_MAX, ":%s - [0:0]\n", name);
		lines++;
	}
	for (size_t i = 0; i < form->n_rules; i++)
		if (form_say(say, form, i, op)) {
			used += (size_t)snprintf(text + used, FORM_CHAIN_TEXT_MAX - used,
						 "-A %s %s\n", name, say);
			lines++;
		}
	*len = used;
	return lines;
}
