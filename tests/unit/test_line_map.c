/* Line numbers, back to the caller's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "line_map.h"
#include "range.h"
#include "ruleset.h"

static void no_map_changes_nothing(void **state)
{
	const struct line_map m = { 0 };

	(void)state;
	assert_int_equal(line_map_back(&m, 7), 7);
}

static void helper_lines_are_their_rule_s(void **state)
{
	/* line 3 became five lines of a helper and itself; line 5 was dropped */
	const struct rewrite_piece pieces[] = {
		{ .line = 3, .lines_in = 1, .lines_out = 6 },
		{ .line = 4, .lines_in = 1, .lines_out = 1 },
		{ .line = 5, .lines_in = 1, .lines_out = 0 },
	};
	static const size_t want[] = { 0, 1, 2, 3, 3, 3, 3, 3, 3, 4, 6, 7 };
	struct line_map m = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(line_map_add(&m, &pieces[i]), 0);
	for (size_t out = 1; out < sizeof(want) / sizeof(want[0]); out++)
		assert_int_equal(line_map_back(&m, out), want[out]);
	line_map_release(&m);
}

/* The naive way: the caller's number of each line of the output, one by one. */
static void check_against_counting(struct span rules, const char *name)
{
	static struct rewrite r;
	const struct kernel kernel = kernel_of_class(CLASS_TYPO);
	const struct form_order order = ruleset_order();
	const struct rewrite_job job = {
		.rules = rules, .family = FAMILY_IPV6, .kernel = &kernel, .order = &order,
	};
	static size_t origin[200000];
	size_t in = 0, out = 0;
	struct line_map m = { 0 };
	struct rewrite_piece p;
	struct span line, rest;
	struct err e;

	rewrite_begin(&r, &job);
	while (rewrite_next(&r, &p, &e) == 1) {
		bool same = p.out.at == p.in.at;

		assert_int_equal(line_map_add(&m, &p), 0);
		for (rest = p.out; lexer_line(&rest, &line) && out < 199999;)
			origin[++out] = same ? ++in : in + 1;
		for (rest = p.in; !same && lexer_line(&rest, &line);)
			in++;
	}
	rewrite_end(&r);
	for (size_t i = 1; i <= out; i++)
		if (line_map_back(&m, i) != origin[i])
			fail_msg("%s: line %zu of the output is %zu, not %zu", name, i, origin[i],
				 line_map_back(&m, i));
	line_map_release(&m);
}

/* Any pieces at all, against the numbers written down line by line. */
static void the_map_agrees_with_counting_for_random_pieces(void **state)
{
	static size_t origin[4000];
	uint32_t seed = 77;

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < 1000; i++) {
		struct line_map m = { 0 };
		size_t in = 1, out = 1, more = ruleset_next_random(&seed) % 100;

		while (more--) {
			struct rewrite_piece p = {
				.line = in, .lines_in = ruleset_next_random(&seed) % 3 + 1,
				.lines_out = ruleset_next_random(&seed) % 8,
			};

			assert_int_equal(line_map_add(&m, &p), 0);
			for (size_t k = 0; k < p.lines_out; k++)
				origin[out++] = p.lines_in == p.lines_out ? in + k : in;
			in += p.lines_in;
			/* what lies between pieces has no entry */
			for (uint32_t same = ruleset_next_random(&seed) % 4; same; same--)
				origin[out++] = in++;
		}
		for (size_t k = 1; k < out; k++)
			if (line_map_back(&m, k) != origin[k])
				fail_msg("map %d: line %zu is %zu, not %zu", i, k, origin[k],
					 line_map_back(&m, k));
		assert_int_equal(line_map_back(&m, out), in);
		assert_int_equal(line_map_back(&m, out + 1000), in + 1000);
		line_map_release(&m);
	}
}

static void the_map_agrees_with_counting(void **state)
{
	uint32_t seed = 5;

	(void)state;
	assert_uint_in_range(ruleset_each_recorded(check_against_counting), 250, 100000);
	for (int i = 0; i < 1000; i++) {
		struct text t = ruleset_random(&seed);

		check_against_counting((struct span){ t.at, t.len }, "a random ruleset");
		text_release(&t);
	}
}

static const struct {
	const char *said, *want;
} rows[] = {
	{ "Error occurred at line: 10\n", "Error occurred at line: 5\n" },
	{ "ip6tables-restore: line 10 failed\n", "ip6tables-restore: line 5 failed\n" },
	{ "ip6tables-restore: line 10 failed: Index of deletion too big.\n",
	  "ip6tables-restore: line 5 failed: Index of deletion too big.\n" },
	{ "line 10: RULE_APPEND failed (No such file or directory): rule in chain X\n",
	  "line 5: RULE_APPEND failed (No such file or directory): rule in chain X\n" },
	{ "ip6tables-restore: COMMIT expected at line 10\n",
	  "ip6tables-restore: COMMIT expected at line 5\n" },
	{ "ip6tables-restore v1.8.10 (nf_tables):\n", "ip6tables-restore v1.8.10 (nf_tables):\n" },
	{ "line 10: CHAIN_USER_DEL failed (Device or resource busy): chain X\n",
	  "line 5: CHAIN_USER_DEL failed (Device or resource busy): chain X\n" },
	{ "ip6tables-restore v1.8.9 (legacy): Can't set policy `A' on `B' line 10: No chain\n",
	  "ip6tables-restore v1.8.9 (legacy): Can't set policy `A' on `B' line 5: No chain\n" },
	{ "Can't set policy `A' on `B\n", "Can't set policy `A' on `B\n" },
	{ "ip6tables-restore v1.8.9 (nf_tables): ip6tables-restore: line 10 policy invalid\n",
	  "ip6tables-restore v1.8.9 (nf_tables): ip6tables-restore: line 5 policy invalid\n" },
	/* words of the caller's rules are no numbers of lines */
	{ "ip6tables-restore: unknown option \"--x: line 10\"\n",
	  "ip6tables-restore: unknown option \"--x: line 10\"\n" },
	{ "ip6tables-restore: Bad argument `line 10'\n",
	  "ip6tables-restore: Bad argument `line 10'\n" },
	{ "Bad line 10: need ]\n", "Bad line 5: need ]\n" },
	{ "xtables: line 9, line 10 and line: 8\n", "xtables: line 4, line 10 and line: 8\n" },
	{ "line 3", "line 3" },
	{ "line 10", "line 5" },
	{ "line 0010", "line 5" },
	{ "line 999999999999999999", "line 999999999999999994" },
	{ "line 10x", "line 5x" },
	{ "line-10, line  10, line:10", "line-10, line  10, line:10" },
	{ "`a': line 10", "`a': line 10" },
	{ "a: b: c: line 10", "a: b: c: line 10" },
	{ "off-line 10, 7line 10, Line 10", "off-line 10, 7line 10, Line 10" },
	{ "(line 10)", "(line 10)" },
	{ "line", "line" },
	{ "line ", "line " },
	{ "line: ", "line: " },
	{ "", "" },
	{ "line 2 failed", "line 2 failed" },
	{ "inline 10 failed\n", "inline 10 failed\n" },
	{ "line ten, lines 10\n", "line ten, lines 10\n" },
	{ "Try `ip6tables-restore -h'\n", "Try `ip6tables-restore -h'\n" },
};

static void messages_get_the_caller_s_numbers(void **state)
{
	const struct rewrite_piece p = { .line = 3, .lines_in = 1, .lines_out = 6 };
	struct line_map m = { 0 };

	(void)state;
	assert_int_equal(line_map_add(&m, &p), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text t = { 0 };

		text_add(&t, "", 0);
		line_map_message(&m, &t, span_of(rows[i].said));
		assert_string_equal(t.at, rows[i].want);
		text_release(&t);
	}
	line_map_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_map_changes_nothing),
		cmocka_unit_test(helper_lines_are_their_rule_s),
		cmocka_unit_test(the_map_agrees_with_counting_for_random_pieces),
		cmocka_unit_test(the_map_agrees_with_counting),
		cmocka_unit_test(messages_get_the_caller_s_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
