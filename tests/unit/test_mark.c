/* The options of MARK, as the real programs took them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "mark.h"
#include "range.h"
#include "rule.h"

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
	{ "set-mark",	" -0",			"bad" },
	{ "set-mark",	"\t-18446744073709551615", "bad" },
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
	{ "",		"1",			"bad" },
	{ "set-mark",	"0xffffffff/0xffffffff", "ffffffff/ffffffff" },
	{ "set-mark",	"1/4294967296",		"bad" },
	{ "set-mark",	"4294967294",		"fffffffe/ffffffff" },
	{ "set-mark",	"99999999999999999999999",	"bad" },
	{ "set-mark",	"0x1ffffffffffffffff",	"bad" },
	{ "set-mark",	"\n\v\f\r 1",		"1/ffffffff" },
	{ "set-mark",	"+-1",			"bad" },
	{ "set-mark",	"\t-1",			"bad" },
	{ "set-mark",	"0X1F/017",		"1f/1f" },
	{ "set-mark",	"1/0x",			"bad" },
	{ "set-mark",	"0b11",			"bad" },
	{ "set-mark",	"+0B1",			"bad" },
	{ "set-mark",	"0/0b1",		"bad" },
	{ "set-mark",	"+0x1f/+017",		"1f/1f" },
	{ "set-mark",	"1,2",			"bad" },
	{ "set-mark",	"1\xc2\xa0",		"bad" },
	{ "xor-mark",	"1/",			"bad" },
	{ "or-mark",	"0",			"0/0" },
	{ "and-mark",	"0",			"0/ffffffff" },
	{ "and-mark",	"0xffffffff",		"0/0" },
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

/* As values.tsv shows it: the exit status, and the rule as it was saved. */
static void show_rule(char *text, size_t size, const char *line)
{
	static struct lexer_words w;
	struct rule r;

	if (lexer_split(&w, span_of(line)) < 0 || rule_parse(&r, &w, FAMILY_IPV6) < 0)
		snprintf(text, size, "2");
	else if (!r.target_name || strcmp(r.target_name, "MARK") != 0 || !r.mark[0])
		snprintf(text, size, "no MARK option");
	else
		snprintf(text, size, "0 -j MARK --set-xmark 0x%x/0x%x", r.op.value, r.op.mask);
}

/* The file is split by tabs, and so a tab in a rule is written as \t there. */
static void unescape_tabs(char *text)
{
	for (char *at; (at = strstr(text, "\\t"));) {
		*at = '\t';
		memmove(at + 1, at + 2, strlen(at + 2) + 1);
	}
}

/* Each line is a rule, what became of it, and notes. */
static void the_recorded_values_are_read_as_iptables_read_them(void **state)
{
	FILE *file = fopen("tests/data/corner/values.tsv", "r");
	char line[512], got[1024], want[1024], result[256];
	size_t n = 0, refused = 0;

	(void)state;
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));	/* the heading */
	while (fgets(line, sizeof(line), file)) {
		char *wanted = strchr(line, '\t');

		assert_non_null(wanted);
		*wanted++ = '\0';
		wanted[strcspn(wanted, "\t\n")] = '\0';
		unescape_tabs(line);
		/* the match and CONNMARK are there too */
		if (!strstr(line, "-j MARK"))
			continue;
		show_rule(result, sizeof(result), line);
		snprintf(got, sizeof(got), "%s => %s", line, result);
		snprintf(want, sizeof(want), "%s => %s", line, wanted);
		assert_string_equal(got, want);
		refused += *wanted == '2';
		n++;
	}
	fclose(file);
	assert_uint_in_range(n, 205, 10000);
	assert_uint_in_range(n - refused, 69, n - 136);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read_as_libxtables_reads_them),
		cmocka_unit_test(the_recorded_values_are_read_as_iptables_read_them),
		cmocka_unit_test(a_refused_value_leaves_the_operation_as_it_was),
		cmocka_unit_test(applying_clears_the_mask_and_flips_the_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
