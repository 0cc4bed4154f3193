/* What every form means, computed from the manual and nothing of ours. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "form.h"

struct packet {
	uint32_t nfmark, ctmark;
};

/* What a rule does to a packet, from iptables-extensions(8). */
static void run_rule(struct packet *p, const char *text)
{
	uint32_t a, b;
	int end = 0;

	if (sscanf(text, "-j CONNMARK --set-xmark 0x%x/0x%x%n", &a, &b, &end) == 2)
		p->ctmark = (p->ctmark & ~b) ^ a;
	else if (sscanf(text, "-j CONNMARK --restore-mark --nfmask 0x%x --ctmask 0x%x%n",
			&a, &b, &end) == 2)
		p->nfmark = (p->nfmark & ~a) ^ (p->ctmark & b);
	if (end == 0 || text[end])
		fail_msg("no meaning known for `%s'", text);
}

static void check(const struct form *form, struct mark_op op, struct packet in)
{
	uint32_t want = (in.nfmark & ~op.mask) ^ op.value;
	char text[FORM_RULE_TEXT_MAX];
	struct packet out = in;

	for (size_t i = 0; i < form->n_rules; i++)
		if (form_say(text, form, i, op)) {
			assert_in_range(strlen(text), 1, FORM_RULE_TEXT_MAX - 2);
			run_rule(&out, text);
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
					       bits[i / N_BITS / N_BITS / N_BITS] });
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
	for (size_t f = 0; f < FORM_COUNT; f++)
		for (int i = 0; i < 100000; i++) {
			struct mark_op op = { next_random(&seed), next_random(&seed) };
			struct packet p = { next_random(&seed), next_random(&seed) };

			check(&forms[f], op, p);
		}
}

static void no_rule_is_said_that_is_not_needed(void **state)
{
	char text[FORM_RULE_TEXT_MAX];

	(void)state;
	assert_false(form_say(text, &forms[0], 1, (struct mark_op){ 0, 0xff }));
	assert_string_equal(text, "");
	assert_true(form_say(text, &forms[0], 1, (struct mark_op){ 1, 0xff }));
	assert_false(form_say(text, &forms[0], forms[0].n_rules, (struct mark_op){ 1, 1 }));
}

static void a_form_is_chosen_only_if_the_kernel_takes_all_of_it(void **state)
{
	struct form_order order = form_order_default();
	struct kernel k = kernel_of_class(CLASS_TYPO);

	(void)state;
	assert_ptr_equal(form_choose(&order, TABLE_NAT, FAMILY_IPV6, &k), &forms[0]);
	assert_null(form_choose(&order, TABLE_RAW, FAMILY_IPV6, &k));
	assert_null(form_choose(&order, TABLE_UNKNOWN, FAMILY_IPV6, &k));
	k.has[FAMILY_IPV6][XT_CONNMARK] = ANSWER_UNKNOWN;
	assert_null(form_choose(&order, TABLE_NAT, FAMILY_IPV6, &k));
	k = kernel_of_class(CLASS_NFT_ONLY);
	assert_null(form_choose(&order, TABLE_NAT, FAMILY_IPV6, &k));
}

static void exactness_is_that_of_the_table(void **state)
{
	(void)state;
	assert_true(form_is_exact(&forms[0], TABLE_NAT));
	assert_false(form_is_exact(&forms[0], TABLE_MANGLE));
	assert_false(form_is_exact(&forms[0], TABLE_FILTER));
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
		{ TABLE_NAT, "connmark,connmark", "form `connmark' is named twice" },
		{ TABLE_RAW, "connmark", "form `connmark' does not work in table raw" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form_order order = form_order_default();
		struct err e = { "" };
		int result = form_order_set(&order, rows[i].table, rows[i].names, &e);

		assert_string_equal(e.text, rows[i].want);
		assert_int_equal(result, *rows[i].want ? -1 : 0);
		assert_int_equal(order.at[TABLE_NAT][0] == NULL, !strcmp(rows[i].names, "none"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_say_the_operation_for_corner_values),
		cmocka_unit_test(forms_say_the_operation_for_random_values),
		cmocka_unit_test(no_rule_is_said_that_is_not_needed),
		cmocka_unit_test(a_form_is_chosen_only_if_the_kernel_takes_all_of_it),
		cmocka_unit_test(exactness_is_that_of_the_table),
		cmocka_unit_test(orders_are_read_from_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
