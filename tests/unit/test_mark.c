/* The options of MARK, as the real programs took them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "mark.h"

/* What a row shows for an option: "value/mask" in hex, or "bad". */
static void shown(char *text, size_t size, const char *option, const char *arg)
{
	struct mark_op op;

	if (mark_parse(&op, option, arg) == 0)
		snprintf(text, size, "%x/%x", op.value, op.mask);
	else
		snprintf(text, size, "bad");
}

static const struct {
	const char *option, *arg, *want;
} rows[] = {
	{ "set-xmark",	"0xfeedcafe/0xff",	"feedcafe/ff" },
	{ "set-xmark",	"0",			"0/ffffffff" },
	{ "set-mark",	"1/0xff",		"1/ff" },
	{ "set-mark",	"0x100/0xff",		"100/1ff" },
	{ "set-mark",	"0/0x10000",		"0/10000" },
	{ "set-mark",	"1/0",			"1/1" },
	{ "and-mark",	"0xff",			"0/ffffff00" },
	{ "or-mark",	"0x4000",		"4000/4000" },
	{ "xor-mark",	"040000",		"4000/0" },
	{ "set-mark",	"4294967295",		"ffffffff/ffffffff" },
	{ "set-mark",	"4294967296",		"bad" },
	{ "set-mark",	"18446744073709551617",	"bad" },
	{ "set-mark",	"010",			"8/ffffffff" },
	{ "set-mark",	"08",			"bad" },
	{ "set-mark",	"+1",			"1/ffffffff" },
	{ "set-mark",	" \t1",			"1/ffffffff" },
	{ "set-mark",	"1 ",			"bad" },
	{ "set-mark",	"-0",			"bad" },
	{ "set-mark",	" -1",			"bad" },
	{ "set-mark",	"1/-1",			"bad" },
	{ "set-mark",	"1/ 2",			"1/3" },
	{ "set-mark",	"1/",			"bad" },
	{ "set-mark",	"/1",			"bad" },
	{ "set-mark",	"1/2/3",		"bad" },
	{ "set-mark",	"",			"bad" },
	{ "set-mark",	"0x",			"bad" },
	{ "or-mark",	"1/1",			"bad" },
	{ "and-mark",	"1/1",			"bad" },
	{ "xor-mark",	"1/1",			"bad" },
	{ "nor-mark",	"1",			"bad" },
	{ "set",	"1",			"bad" },
};

static void options_are_read_as_libxtables_reads_them(void **state)
{
	char got[128], want[128], result[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		shown(result, sizeof(result), rows[i].option, rows[i].arg);
		snprintf(got, sizeof(got), "--%s '%s': %s", rows[i].option, rows[i].arg, result);
		snprintf(want, sizeof(want), "--%s '%s': %s", rows[i].option, rows[i].arg,
			 rows[i].want);
		assert_string_equal(got, want);
	}
}

static void a_refused_value_leaves_the_operation_as_it_was(void **state)
{
	struct mark_op op = { 5, 6 };

	(void)state;
	assert_int_equal(mark_parse(&op, "or-mark", "x"), -1);
	assert_int_equal(op.value, 5);
	assert_int_equal(op.mask, 6);
}

static void applying_clears_the_mask_and_flips_the_value(void **state)
{
	(void)state;
	assert_int_equal(mark_apply((struct mark_op){ 0x4000, 0x4000 }, 0x1234), 0x5234);
	assert_int_equal(mark_apply((struct mark_op){ 0x4000, 0 }, 0x5234), 0x1234);
	assert_int_equal(mark_apply((struct mark_op){ 7, 0xffffffff }, 0x5234), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read_as_libxtables_reads_them),
		cmocka_unit_test(a_refused_value_leaves_the_operation_as_it_was),
		cmocka_unit_test(applying_clears_the_mask_and_flips_the_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
