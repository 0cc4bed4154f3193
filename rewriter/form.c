#include "form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define IN(table) (1u << TABLE_##table)

#define EVERYWHERE (IN(NAT) | IN(MANGLE) | IN(FILTER) | IN(SECURITY) | IN(RAW))
/* where packets have a connection */
#define TRACKED (IN(NAT) | IN(MANGLE) | IN(FILTER) | IN(SECURITY))

/*
 * The connection mark serves as scratch paper and is put back.  With nf for the
 * packet's mark, ct for the connection's (xt_connmark.c: connmark_tg_shift()):
 *	nf = (nf & ~mask) ^ (ct & both)
 *	ct = ct ^ value
 *	nf = nf ^ (ct & both)	= (nf as it was & ~mask) ^ value
 *	ct = ct ^ value		= ct as it was
 * The manual says that --restore-mark is for mangle only; no kernel does.
 */
#define BY_CONNMARK \
	{ "-j CONNMARK --restore-mark --nfmask {mask} --ctmask {both}", false }, \
	{ "-j CONNMARK --set-xmark {value}/0x0", true }, \
	{ "-j CONNMARK --restore-mark --nfmask 0x0 --ctmask {both}", false }, \
	{ "-j CONNMARK --set-xmark {value}/0x0", true }

/* One value out of one is no hash of the packet any more. */
#define BY_HMARK \
	"-j HMARK --hmark-tuple src --hmark-mod 1 --hmark-offset {value} --hmark-rnd 0"

const struct form forms[FORM_COUNT] = {
	{
		/* ip_set's formula is MARK's: xt_set.c, set_target_v3() */
		.name = "set",
		.needs = { XT_SET }, .n_needs = 1,
		.part = PART_SET,
		.tables = IN(MANGLE),
		.exact = IN(MANGLE),
		.rules = { { "-j SET --map-set {set} src --map-mark", false } },
		.n_rules = 1,
	},
	{
		.name = "hmark",
		.needs = { XT_HMARK }, .n_needs = 1,
		.ops = OPS_WHOLE,
		.tables = EVERYWHERE,
		/* nat sees no ICMP errors */
		.exact = IN(NAT),
		.caveat = "ICMP errors whose inner header is cut off are not marked",
		.rules = { { BY_HMARK, false } },
		.n_rules = 1,
	},
	{
		.name = "hmark",
		.needs = { XT_HMARK, XT_CONNMARK, XT_MATCH_MARK }, .n_needs = 3,
		.ops = OPS_WITHIN,
		.tables = TRACKED,
		.exact = IN(NAT),
		.caveat = "packets that have other mark bits are marked by way of the connection: "
			"not those without one (NOTRACK, INVALID, neighbour discovery), and two "
			"CPUs at one established connection can lose a mark; and ICMP errors whose "
			"inner header is cut off are not marked",
		.rules = {
			{ "-m mark --mark 0x0/{keep} " BY_HMARK, false },
			{ "-m mark --mark {value}/{mask} -j RETURN", false },
			BY_CONNMARK,
		},
		.n_rules = 6,
	},
	{
		.name = "connmark",
		.needs = { XT_CONNMARK }, .n_needs = 1,
		.tables = TRACKED,
		/* nat sees only first packets, whose entry no other CPU has */
		.exact = IN(NAT),
		.caveat = "packets without a connection (NOTRACK, INVALID, neighbour discovery) "
			"are not marked, and two CPUs at one established connection can lose a mark",
		.rules = { BY_CONNMARK },
		.n_rules = 4,
	},
	{
		.name = "nft",
		.part = PART_CHAIN,
		.nft_only = true,
		.tables = EVERYWHERE,
		.exact = EVERYWHERE,
	},
	{
		.name = "hmark",
		.needs = { XT_HMARK, XT_MATCH_MARK }, .n_needs = 2,
		.ops = OPS_PARTIAL,
		.last = true,
		.tables = IN(RAW),
		.caveat = "packets that have other mark bits keep their mark as it is; and ICMP "
			"errors whose inner header is cut off are not marked",
		.rules = { { "-m mark --mark 0x0/{keep} " BY_HMARK, false } },
		.n_rules = 1,
	},
};

struct form_order form_order_default(void)
{
	static const char *const names[TABLE_COUNT] = {
		[TABLE_NAT] = "connmark nft",
		[TABLE_MANGLE] = "set hmark connmark nft",
		[TABLE_FILTER] = "hmark connmark nft",
		[TABLE_SECURITY] = "hmark connmark nft",
		[TABLE_RAW] = "hmark nft",
	};
	struct form_order o = { 0 };
	struct err e;

	for (int t = 0; t < TABLE_COUNT; t++)
		form_order_set(&o, t, names[t], &e);
	return o;
}

/* Appends the rows of that name that the table can have. */
static int add(const struct form *list[], size_t *n, enum table t, const char *name, size_t len,
	       struct err *e)
{
	const size_t had = *n;
	bool found = false;

	for (size_t i = 0; i < had; i++)
		if (strlen(list[i]->name) == len && !memcmp(list[i]->name, name, len))
			return err_set(e, "form `%s' is named twice", list[i]->name);
	for (size_t i = 0; i < FORM_COUNT; i++) {
		if (strlen(forms[i].name) != len || memcmp(forms[i].name, name, len) != 0)
			continue;
		found = true;
		if (forms[i].tables & (1u << t))
			list[(*n)++] = &forms[i];
	}
	if (!found)
		return err_set(e, "`%.*s' is no form", (int)len, name);
	return *n > had ? 0 : err_set(e, "form `%.*s' does not work in table %s", (int)len, name,
				      table_name(t));
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

static bool says(const struct form *form, struct mark_op op)
{
	switch (form->ops) {
	case OPS_WHOLE:
		return op.mask == UINT32_MAX;
	case OPS_WITHIN:
		return op.mask != UINT32_MAX && !(op.value & ~op.mask);
	case OPS_PARTIAL:
		return op.mask != UINT32_MAX;
	default:
		return true;
	}
}

enum answer form_has(const struct form_ground *g, enum xt x)
{
	enum answer has = g->kernel->has[g->family][x];

	return has == ANSWER_UNKNOWN && g->asker ? g->asker->has(g->asker, x) : has;
}

bool form_can_be_had(const struct form_ground *g, const struct form *form)
{
	if (form->nft_only && g->backend != BACKEND_NFT)
		return false;
	for (size_t i = 0; i < form->n_needs; i++)
		if (form_has(g, form->needs[i]) != ANSWER_YES)
			return false;
	return !g->asker || g->asker->works(g->asker, form);
}

bool form_target_is_hidden(const struct form_ground *g, enum table t, enum xt target)
{
	return g->keeps_chains && g->asker && g->asker->hides && t != TABLE_UNKNOWN &&
		!xt_names[target].is_match && g->asker->hides(g->asker, t, target);
}

static bool is_hidden(const struct form_ground *g, enum table t, const struct form *form)
{
	for (size_t i = 0; i < form->n_needs; i++)
		if (form_target_is_hidden(g, t, form->needs[i]))
			return true;
	return false;
}

bool form_any_hidden(const struct form_ground *g, enum table t)
{
	if (form_target_is_hidden(g, t, XT_MARK))
		return true;
	for (const struct form *const *form = g->order->at[t]; t != TABLE_UNKNOWN && *form; form++)
		if (is_hidden(g, t, *form))
			return true;
	return false;
}

const struct form *form_choose(const struct form_ground *g, enum table t, struct mark_op op)
{
	if (t == TABLE_UNKNOWN)
		return NULL;
	for (int last = 0; last < 2; last++)
		for (const struct form *const *form = g->order->at[t]; *form; form++)
			if ((*form)->last == last && says(*form, op) &&
			    (!g->exact_only || form_is_exact(*form, t)) && form_can_be_had(g, *form) &&
			    !is_hidden(g, t, *form))
				return *form;
	return NULL;
}

void form_set_name(char name[static FORM_SET_NAME_MAX], struct mark_op op, enum family f)
{
	char helper[HELPER_NAME_MAX];

	helper_name(helper, op);
	snprintf(name, FORM_SET_NAME_MAX, "%s-%c", helper, f == FAMILY_IPV4 ? '4' : '6');
}

/* The text that the hole at `hole` stands for; *end is set behind it. */
static void fill(char text[static FORM_SET_NAME_MAX], const char *hole, struct mark_op op,
		 enum family f, const char **end)
{
	const struct {
		const char *name;
		uint32_t bits;
	} holes[] = {
		{ "{value}", op.value },
		{ "{mask}", op.mask },
		{ "{keep}", ~op.mask },
		{ "{both}", op.value | op.mask },
	};

	*end = strchr(hole, '}') + 1;
	form_set_name(text, op, f);
	for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++)
		if (!strncmp(hole, holes[i].name, strlen(holes[i].name)))
			snprintf(text, FORM_SET_NAME_MAX, "0x%" PRIx32, holes[i].bits);
}

bool form_say(char text[static FORM_RULE_TEXT_MAX], const struct form *form, size_t n,
	      struct mark_op op, enum family f)
{
	char filled[FORM_SET_NAME_MAX];
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
			fill(filled, says, op, f, &says);
			used += (size_t)snprintf(text + used, FORM_RULE_TEXT_MAX - used, "%s",
						 filled);
		}
	}
	return true;
}

size_t form_chain(char text[static FORM_CHAIN_TEXT_MAX], size_t *len, const struct form *form,
		  struct mark_op op, enum family f, bool declare)
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
		if (form_say(say, form, i, op, f)) {
			used += (size_t)snprintf(text + used, FORM_CHAIN_TEXT_MAX - used,
						 "-A %s %s\n", name, say);
			lines++;
		}
	*len = used;
	return lines;
}
