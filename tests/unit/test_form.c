/* What every form means, computed from the manual and nothing of ours. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "form.h"
#include "range.h"

struct packet {
	uint32_t nfmark, ctmark;
	bool returned;		/* from the helper chain */
};

/* One of the options that set a mark, which MARK and CONNMARK share; *end is set behind it. */
static bool set_option(const char *text, uint32_t *mark, int *end)
{
	char name[16];
	uint32_t a, b = UINT32_MAX;
	int given = sscanf(text, "--%15[a-z-] 0x%x%n/0x%x%n", name, &a, end, &b, end);

	if (given == 3 && !strcmp(name, "set-mark"))
		*mark = (*mark & ~b) | a;
	else if (given >= 2 && !strcmp(name, "set-xmark"))
		*mark = (*mark & ~b) ^ a;
	else if (given == 2 && !strcmp(name, "set-mark"))
		*mark = a;
	else if (given == 2 && !strcmp(name, "and-mark"))
		*mark &= a;
	else if (given == 2 && !strcmp(name, "or-mark"))
		*mark |= a;
	else if (given == 2 && !strcmp(name, "xor-mark"))
		*mark ^= a;
	else
		return false;
	return true;
}

/*
 * What a rule does to a packet, from ip6tables-extensions(8) and nothing of ours.
 * Returns false, with the packet in no known state, if that is not known here.
 */
static bool run_rule(struct packet *p, const char *text)
{
	uint32_t nfmask = UINT32_MAX, ctmask = UINT32_MAX, a, b;
	int end = -1;

	if (sscanf(text, "-m mark --mark 0x%x/0x%x %n", &a, &b, &end) == 2 && end > 0) {
		if ((p->nfmark & b) != a)
			return true;
		text += end;
		end = -1;
	}
	if (!strcmp(text, "-j RETURN"))
		return p->returned = true;
	if (sscanf(text, "-j HMARK --hmark-tuple src --hmark-mod 1 --hmark-offset 0x%x --hmark-rnd 0%n",
		   &a, &end) == 1 && end > 0 && !text[end]) {
		p->nfmark = a;
		return true;
	}
	end = -1;
	if (sscanf(text, "-j SET --map-set zz-mark-%x-%x-6 src --map-mark%n", &a, &b, &end) == 2 &&
	    end > 0 && !text[end]) {
		p->nfmark = (p->nfmark & ~b) ^ a;
		return true;
	}
	end = -1;
	if (!strncmp(text, "-j MARK ", 8))
		return set_option(text + 8, &p->nfmark, &end) && !text[8 + end];
	if (strncmp(text, "-j CONNMARK ", 12) != 0)
		return false;
	text += 12;
	if (set_option(text, &p->ctmark, &end))
		return !text[end];
	if (sscanf(text, "--restore-mark --nfmask 0x%x --ctmask 0x%x%n", &nfmask, &ctmask,
		   &end) == 2 && !text[end]) {
		p->nfmark = (p->nfmark & ~nfmask) ^ (p->ctmark & ctmask);
		return true;
	}
	if (sscanf(text, "--save-mark --nfmask 0x%x --ctmask 0x%x%n", &nfmask, &ctmask,
		   &end) == 2 && !text[end]) {
		p->ctmark = (p->ctmark & ~ctmask) ^ (p->nfmark & nfmask);
		return true;
	}
	return false;
}

static void the_manual_is_read_rightly(void **state)
{
	static const struct {
		const char *text;
		bool known;
		uint32_t nfmark, ctmark;
	} rows[] = {
		{ "-j MARK --set-xmark 0x3/0xf", true, 0x1233, 0xabcd },
		{ "-j MARK --set-xmark 0x3", true, 0x3, 0xabcd },
		{ "-j MARK --set-mark 0x41/0xf", true, 0x1271, 0xabcd },
		{ "-j MARK --and-mark 0xff", true, 0x34, 0xabcd },
		{ "-j MARK --or-mark 0xff", true, 0x12ff, 0xabcd },
		{ "-j MARK --xor-mark 0xff", true, 0x12cb, 0xabcd },
		{ "-j CONNMARK --set-xmark 0x3/0x0", true, 0x1234, 0xabce },
		{ "-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xf00", true, 0x1900, 0xabcd },
		{ "-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xf", true, 0x1234, 0xabf4 },
		{ "-j CONNMARK --set-xmark 0x3/0x0 ", false, 0, 0 },
		{ "-j MARK --or-mark 0x1/0x1", false, 0, 0 },
		{ "-j MARK", false, 0, 0 },
		{ "-j HMARK --hmark-tuple src --hmark-mod 1 --hmark-offset 0x1", false, 0, 0 },
		{ "-j HMARK --hmark-tuple src --hmark-mod 1 --hmark-offset 0x1 --hmark-rnd 0", true, 1,
		  0xabcd },
		{ "-j SET --map-set zz-mark-3-f-6 src --map-mark", true, 0x1233, 0xabcd },
		{ "-m mark --mark 0x4/0xf -j MARK --set-mark 0x1", true, 1, 0xabcd },
		{ "-m mark --mark 0x5/0xf -j MARK --set-mark 0x1", true, 0x1234, 0xabcd },
		{ "", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct packet p = { 0x1234, 0xabcd, false };
		bool known = run_rule(&p, rows[i].text);

		if (known != rows[i].known ||
		    (known && (p.nfmark != rows[i].nfmark || p.ctmark != rows[i].ctmark)))
			fail_msg("%s: %d, %#x, %#x", rows[i].text, known, p.nfmark, p.ctmark);
	}
}

static void check(const struct form *form, struct mark_op op, struct packet in)
{
	uint32_t want = (in.nfmark & ~op.mask) ^ op.value;
	bool whole = op.mask == UINT32_MAX;
	char text[FORM_RULE_TEXT_MAX];
	struct packet out = in;

	/* operations that it isn't for; and its rule is nftables' */
	if ((form->ops == OPS_WHOLE && !whole) || (form->ops == OPS_PARTIAL && whole) ||
	    (form->ops == OPS_WITHIN && (whole || op.value & ~op.mask)) || form->part == PART_CHAIN)
		return;
	/* what it says of itself, where another can't follow */
	if (form->last && in.nfmark & ~op.mask)
		want = in.nfmark;
	for (size_t i = 0; i < form->n_rules && !out.returned; i++)
		if (form_say(text, form, i, op, FAMILY_IPV6)) {
			assert_uint_in_range(strlen(text), 1, FORM_RULE_TEXT_MAX - 2);
			if (!run_rule(&out, text))
				fail_msg("%s: no meaning known for `%s'", form->name, text);
		}
	if (out.nfmark != want || out.ctmark != in.ctmark)
		fail_msg("%s: value %#x mask %#x turns mark %#x, connection mark %#x into %#x, %#x",
			 form->name, op.value, op.mask, in.nfmark, in.ctmark, out.nfmark,
			 out.ctmark);
}

static const uint32_t bits[] = {
	0, 1, 0x4000, 0x8000, 0xff00, 0x7fffffff, 0x80000000, 0xffffffff
};
#define N_BITS (sizeof(bits) / sizeof(bits[0]))

static void forms_say_the_operation_for_corner_values(void **state)
{
	(void)state;
	for (size_t f = 0; f < FORM_COUNT; f++)
		for (size_t i = 0; i < N_BITS * N_BITS * N_BITS * N_BITS; i++)
			check(&forms[f],
			      (struct mark_op){ bits[i % N_BITS], bits[i / N_BITS % N_BITS] },
			      (struct packet){ bits[i / N_BITS / N_BITS % N_BITS],
					       bits[i / N_BITS / N_BITS / N_BITS], false });
}

/* xorshift32, by Marsaglia */
static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static void forms_say_the_operation_for_random_values(void **state)
{
	uint32_t seed = 20241009;

	(void)state;
	print_message("seed %u\n", seed);
	for (size_t f = 0; f < FORM_COUNT; f++)
		for (int i = 0; i < 200000; i++) {
			struct mark_op op = { next_random(&seed), next_random(&seed) };
			struct packet p = { next_random(&seed), next_random(&seed), false };

			/* few bits at times, and value within mask, as real rules have it */
			if (i % 2)
				op.mask &= next_random(&seed) & next_random(&seed);
			if (i % 4 == 3)
				op.value &= op.mask;
			if (i % 8 == 5)
				op.mask = UINT32_MAX;
			if (i % 3 == 1)
				p.nfmark &= op.mask;
			check(&forms[f], op, p);
		}
}

static const struct form *connmark(void)
{
	for (size_t i = 0; i < FORM_COUNT; i++)
		if (!strcmp(forms[i].name, "connmark"))
			return &forms[i];
	return NULL;
}

/* The words are part of the promise: what a helper chain holds is read by people. */
static void connmark_is_said_in_these_words(void **state)
{
	static const char *const want[] = {
		"-j CONNMARK --restore-mark --nfmask 0xf0 --ctmask 0xf3",
		"-j CONNMARK --set-xmark 0x3/0x0",
		"-j CONNMARK --restore-mark --nfmask 0x0 --ctmask 0xf3",
		"-j CONNMARK --set-xmark 0x3/0x0",
	};
	char text[FORM_RULE_TEXT_MAX];

	(void)state;
	assert_string_equal(connmark()->name, "connmark");
	assert_int_equal(connmark()->n_rules, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_true(form_say(text, connmark(), i, (struct mark_op){ 3, 0xf0 }, FAMILY_IPV6));
		assert_string_equal(text, want[i]);
	}
	assert_false(form_say(text, connmark(), 4, (struct mark_op){ 3, 0xf0 }, FAMILY_IPV6));
}

static void no_rule_is_said_that_is_not_needed(void **state)
{
	static const bool said[] = { true, false, true, false };
	char text[FORM_RULE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(form_say(text, connmark(), i, (struct mark_op){ 0, 0xff },
					  FAMILY_IPV6), said[i]);
		assert_int_equal(*text == '\0', !said[i]);
	}
}

/* DESIGN's table of which form is chosen where, and what the first part of the README promises. */
static void the_form_is_chosen_by_backend_table_class_and_operation(void **state)
{
	const struct mark_op whole = { 7, UINT32_MAX }, part = { 0x40, 0x40 }, x = { 7, 0 };
	const struct {
		enum kernel_class class;
		enum backend backend;
		enum table table;
		struct mark_op op;
		const char *form;
		bool exact;
	} rows[] = {
		{ CLASS_TYPO, BACKEND_LEGACY, TABLE_NAT, part, "connmark", true },
		{ CLASS_TYPO, BACKEND_LEGACY, TABLE_NAT, whole, "connmark", true },
		{ CLASS_TYPO, BACKEND_NFT, TABLE_NAT, part, "connmark", true },
		{ CLASS_TYPO, BACKEND_LEGACY, TABLE_MANGLE, part, "set", true },
		{ CLASS_TYPO, BACKEND_NFT, TABLE_MANGLE, x, "set", true },
		{ CLASS_TYPO, BACKEND_LEGACY, TABLE_FILTER, part, "hmark", false },
		{ CLASS_TYPO, BACKEND_LEGACY, TABLE_FILTER, whole, "hmark", false },
		{ CLASS_TYPO, BACKEND_LEGACY, TABLE_SECURITY, x, "connmark", false },
		{ CLASS_TYPO, BACKEND_NFT, TABLE_FILTER, part, "hmark", false },
		{ CLASS_TYPO, BACKEND_NFT, TABLE_SECURITY, x, "connmark", false },
		{ CLASS_TYPO, BACKEND_LEGACY, TABLE_RAW, whole, "hmark", false },
		{ CLASS_TYPO, BACKEND_LEGACY, TABLE_RAW, part, "hmark", false },
		{ CLASS_TYPO, BACKEND_LEGACY, TABLE_RAW, x, "hmark", false },
		{ CLASS_TYPO, BACKEND_NFT, TABLE_RAW, whole, "hmark", false },
		{ CLASS_TYPO, BACKEND_NFT, TABLE_RAW, part, "nft", true },
		{ CLASS_TYPO, BACKEND_UNKNOWN, TABLE_RAW, part, "hmark", false },
		{ CLASS_TYPO, BACKEND_NFT, TABLE_UNKNOWN, part, "none", false },
		{ CLASS_NFT_ONLY, BACKEND_NFT, TABLE_NAT, part, "nft", true },
		{ CLASS_NFT_ONLY, BACKEND_NFT, TABLE_MANGLE, part, "set", true },
		{ CLASS_NFT_ONLY, BACKEND_NFT, TABLE_FILTER, whole, "nft", true },
		{ CLASS_NFT_ONLY, BACKEND_NFT, TABLE_SECURITY, x, "nft", true },
		{ CLASS_NFT_ONLY, BACKEND_NFT, TABLE_RAW, whole, "nft", true },
		{ CLASS_NFT_ONLY, BACKEND_LEGACY, TABLE_NAT, part, "none", false },
		{ CLASS_NO_MODULE, BACKEND_LEGACY, TABLE_FILTER, part, "connmark", false },
		{ CLASS_NO_MODULE, BACKEND_LEGACY, TABLE_RAW, part, "none", false },
		{ CLASS_NO_MODULE, BACKEND_LEGACY, TABLE_RAW, whole, "hmark", false },
	};
	const struct form_order order = form_order_default();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kernel k = kernel_of_class(rows[i].class);
		struct form_ground g = {
			.order = &order, .kernel = &k, .family = FAMILY_IPV6,
			.backend = rows[i].backend,
		};
		const struct form *form = form_choose(&g, rows[i].table, rows[i].op);

		if (strcmp(form ? form->name : "none", rows[i].form) != 0 ||
		    (form && form_is_exact(form, rows[i].table) != rows[i].exact))
			fail_msg("row %zu: %s", i, form ? form->name : "none");
		g.exact_only = true;
		form = form_choose(&g, rows[i].table, rows[i].op);
		if (rows[i].exact ? !form : form && !form_is_exact(form, rows[i].table))
			fail_msg("row %zu, exact only: %s", i, form ? form->name : "none");
	}
	for (size_t i = 0; i < FORM_COUNT; i++)
		assert_true(forms[i].caveat || forms[i].tables == forms[i].exact);
}

static enum answer hmark_is_there(struct form_asker *a, enum xt x)
{
	(void)a;
	return x == XT_HMARK ? ANSWER_YES : ANSWER_UNKNOWN;
}

static bool nothing_works(struct form_asker *a, const struct form *form)
{
	(void)a;
	(void)form;
	return false;
}

static bool all_works(struct form_asker *a, const struct form *form)
{
	return !nothing_works(a, form);
}

static void a_form_is_chosen_only_if_the_kernel_takes_all_of_it(void **state)
{
	const struct mark_op part = { 1, 1 }, whole = { 1, UINT32_MAX };
	struct form_order order = form_order_default();
	struct kernel k = kernel_of_class(CLASS_TYPO);
	struct form_asker asker = { .has = hmark_is_there, .works = all_works };
	struct form_ground g = {
		.order = &order, .kernel = &k, .family = FAMILY_IPV6, .backend = BACKEND_LEGACY,
	};

	(void)state;
	assert_ptr_equal(form_choose(&g, TABLE_NAT, part), connmark());
	k.has[FAMILY_IPV6][XT_CONNMARK] = ANSWER_UNKNOWN;
	assert_null(form_choose(&g, TABLE_NAT, part));
	k = (struct kernel){ 0 };
	assert_null(form_choose(&g, TABLE_FILTER, whole));
	g.asker = &asker;
	assert_string_equal(form_choose(&g, TABLE_FILTER, whole)->name, "hmark");
	assert_null(form_choose(&g, TABLE_FILTER, part));
	asker.works = nothing_works;
	assert_null(form_choose(&g, TABLE_FILTER, whole));
}

static void orders_are_read_from_names(void **state)
{
	static const struct {
		enum table table;
		const char *names, *want;
	} rows[] = {
		{ TABLE_NAT, "connmark", "" },
		{ TABLE_NAT, " connmark ,", "" },
		{ TABLE_NAT, "none", "" },
		{ TABLE_NAT, "", "a form or `none' is missing" },
		{ TABLE_NAT, "hugo", "`hugo' is no form" },
		{ TABLE_NAT, "connmark\thugo", "`hugo' is no form" },
		{ TABLE_NAT, "conn", "`conn' is no form" },
		{ TABLE_NAT, "connmarks", "`connmarks' is no form" },
		{ TABLE_NAT, "none,connmark", "`none' is no form" },
		{ TABLE_RAW, "none", "" },
		{ TABLE_NAT, "connmark,connmark", "form `connmark' is named twice" },
		{ TABLE_NAT, "nft,connmark , hmark", "" },
		{ TABLE_NAT, "hmark,nft,hmark", "form `hmark' is named twice" },
		{ TABLE_FILTER, "set", "form `set' does not work in table filter" },
		{ TABLE_RAW, "connmark", "form `connmark' does not work in table raw" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form_order order = form_order_default();
		struct err e = { "" };
		int result = form_order_set(&order, rows[i].table, rows[i].names, &e);

		assert_string_equal(e.text, rows[i].want);
		assert_int_equal(result, *rows[i].want ? -1 : 0);
		assert_int_equal(order.at[rows[i].table][0] == NULL,
				 !strcmp(rows[i].names, "none"));
		assert_string_equal(order.at[TABLE_MANGLE][0]->name, "set");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_is_read_rightly),
		cmocka_unit_test(forms_say_the_operation_for_corner_values),
		cmocka_unit_test(forms_say_the_operation_for_random_values),
		cmocka_unit_test(connmark_is_said_in_these_words),
		cmocka_unit_test(the_form_is_chosen_by_backend_table_class_and_operation),
		cmocka_unit_test(no_rule_is_said_that_is_not_needed),
		cmocka_unit_test(a_form_is_chosen_only_if_the_kernel_takes_all_of_it),
		cmocka_unit_test(orders_are_read_from_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
