/* Answers, classes, helper chains' names. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "kernel.h"

static void classes_come_from_answers(void **state)
{
	const enum answer U = ANSWER_UNKNOWN, N = ANSWER_NO, Y = ANSWER_YES;
	const struct {
		enum answer mark4, mark6, connmark6, connmark4;
		bool refuses_masks;
		enum kernel_class want;
	} rows[] = {
		{ Y, Y, Y, Y, false, CLASS_HEALTHY },
		{ Y, Y, U, U, false, CLASS_HEALTHY },
		{ Y, Y, Y, Y, true, CLASS_MASKREJECT },
		{ Y, N, Y, Y, false, CLASS_TYPO },
		{ Y, N, Y, U, false, CLASS_TYPO },
		{ Y, N, N, N, false, CLASS_TYPO },
		{ Y, N, N, Y, false, CLASS_NFT_ONLY },
		{ Y, N, N, U, false, CLASS_UNKNOWN },
		{ Y, N, U, Y, false, CLASS_UNKNOWN },
		{ N, N, Y, Y, false, CLASS_NO_MODULE },
		{ U, N, Y, Y, false, CLASS_UNKNOWN },
		{ Y, U, Y, Y, false, CLASS_UNKNOWN },
		{ N, Y, Y, Y, false, CLASS_UNKNOWN },
		{ U, U, U, U, false, CLASS_UNKNOWN },
	};
	char got[64], want[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kernel k = { .refuses_masks = rows[i].refuses_masks };

		k.has[FAMILY_IPV4][XT_MARK] = rows[i].mark4;
		k.has[FAMILY_IPV6][XT_MARK] = rows[i].mark6;
		k.has[FAMILY_IPV6][XT_CONNMARK] = rows[i].connmark6;
		k.has[FAMILY_IPV4][XT_CONNMARK] = rows[i].connmark4;
		snprintf(got, sizeof(got), "row %zu: %s", i, class_name(kernel_class(&k)));
		snprintf(want, sizeof(want), "row %zu: %s", i, class_name(rows[i].want));
		assert_string_equal(got, want);
	}
}

static void an_assumed_class_is_the_class_of_its_answers(void **state)
{
	(void)state;
	for (int c = CLASS_HEALTHY; c < CLASS_COUNT; c++) {
		struct kernel k = kernel_of_class(c);

		assert_int_equal(kernel_class(&k), c);
		assert_int_equal(class_find(class_name(c)), c);
	}
	assert_int_equal(class_find("unknown"), CLASS_UNKNOWN);
	assert_int_equal(class_find("Typo"), CLASS_UNKNOWN);
}

/* What a kernel of the class refuses, and whether anything is left unanswered. */
static void a_class_stands_for_its_answers(void **state)
{
	static const struct {
		enum kernel_class class;
		const char *want;
	} rows[] = {
		{ CLASS_HEALTHY, "healthy: IPv4 IPv6" },
		{ CLASS_TYPO, "typo: IPv4 IPv6 MARK NFLOG" },
		{ CLASS_NFT_ONLY, "nft-only: IPv4 IPv6 MARK CONNMARK HMARK NFLOG CT CLASSIFY TRACE" },
		{ CLASS_MASKREJECT, "maskreject: IPv4 IPv6 masks" },
		{ CLASS_NO_MODULE, "no-module: IPv4 MARK mark IPv6 MARK mark" },
		{ CLASS_UNKNOWN, "unknown: nothing" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kernel k = kernel_of_class(rows[i].class);
		size_t asked = 0;
		char got[256];
		int n = snprintf(got, sizeof(got), "%s:", class_name(rows[i].class));

		for (int f = 0; f < FAMILY_COUNT; f++) {
			if (k.has[f][XT_MARK])
				n += snprintf(got + n, sizeof(got) - (size_t)n, " %s",
					      family_name(f));
			for (int x = 0; x < XT_COUNT; x++) {
				asked += k.has[f][x] != ANSWER_UNKNOWN;
				if (k.has[f][x] == ANSWER_NO)
					n += snprintf(got + n, sizeof(got) - (size_t)n, " %s",
						      xt_names[x].name);
			}
		}
		if (k.refuses_masks || !asked)
			snprintf(got + n, sizeof(got) - (size_t)n, asked ? " masks" : " nothing");
		assert_string_equal(got, rows[i].want);
		assert_true(asked == 0 || asked == (size_t)FAMILY_COUNT * XT_COUNT);
	}
}

static void helper_names_have_one_spelling(void **state)
{
	static const struct {
		const char *name;
		bool ours;
	} rows[] = {
		{ "zz-mark-4000-4000", true }, { "zz-mark-0-0", true },
		{ "zz-mark-ffffffff-ffffffff", true }, { "zz-mark-04000-4000", false },
		{ "zz-mark-A-a", false }, { "zz-mark-0x1-1", false }, { "zz-mark-1", false },
		{ "zz-mark-1-1-1", false }, { "zz-mark-1-1x", false }, { "zz-mark--1-1", false },
		{ "zz-mark-100000000-1", false }, { "zz-mark-", false }, { "zz-mark", false },
		{ "ZZ-mark-1-1", false }, { "zz-mark-1- 1", false }, { "", false },
	};
	char again[HELPER_NAME_MAX];
	struct mark_op op;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = rows[i].name;

		assert_int_equal(helper_parse(&op, name, strlen(name)), rows[i].ours);
		if (!rows[i].ours)
			continue;
		helper_name(again, op);
		assert_string_equal(again, name);
	}
	assert_false(helper_parse(&op, "zz-mark-1-1\0x", sizeof("zz-mark-1-1\0x") - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_come_from_answers),
		cmocka_unit_test(an_assumed_class_is_the_class_of_its_answers),
		cmocka_unit_test(a_class_stands_for_its_answers),
		cmocka_unit_test(helper_names_have_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
