/* Lines as long as iptables-restore takes them at once, and longer ones. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ruleset.h"

static struct span of(const struct text *t)
{
	return (struct span){ t->at, t->len };
}

/* `*nat`, and a rule that a blank and `end` follow after so many bytes. */
static struct text padded(const char *rule, size_t len, const char *end)
{
	struct text t = { 0 };

	text_puts(&t, "*nat\n");
	text_puts(&t, rule);
	while (t.len < 5 + len)
		text_puts(&t, " ");
	text_puts(&t, end);
	return t;
}

/* A piece of 10,239 bytes without newline: what follows must begin where it did. */
static void over_long_lines_keep_their_length(void **state)
{
	struct text t = padded("-A T -j MARK --set-mark 0x12345/0x1", 10239,
			       "-A U -j ACCEPT\nCOMMIT\n");
	struct text got = ruleset_rewrite(of(&t), CLASS_TYPO);
	size_t at = (size_t)((char *)memmem(got.at, got.len, "-A T -j zz", 10) - got.at);

	(void)state;
	assert_memory_equal(got.at + at + 10239, "-A U -j ACCEPT\n", 15);
	assert_memory_equal(got.at + at + 10238, " ", 1);
	text_release(&t);
	text_release(&got);
}

/* At every length about the limit: a line that is whole stays whole, and is not padded. */
static void whole_lines_stay_whole(void **state)
{
	(void)state;
	for (size_t len = 10200; len < 10239; len++) {
		struct text t = padded("-A T -j MARK --set-mark 1/1 -m comment --comment x", len,
				       "\nCOMMIT\n");
		struct text got = ruleset_rewrite(of(&t), CLASS_TYPO), want = { 0 };
		struct span all = of(&got), line = all;

		for (int i = 0; i < 7; i++)
			assert_true(lexer_line(&all, &line));
		text_puts(&want, "-A T -j zz-mark-1-1 -m comment --comment x");
		while (want.len < len - 8)
			text_puts(&want, " ");
		text_puts(&want, "\n");
		if (!span_same(line, of(&want)) || !span_is(all, "COMMIT\n"))
			fail_msg("a line of %zu bytes became %.*s", len, SPAN_ARG(line));
		text_release(&t);
		text_release(&got);
		text_release(&want);
	}
}

/* Full lines that grow, with newline and without: blanks at their end make room. */
static void growth_is_taken_from_the_blanks_at_the_end(void **state)
{
	const char *const ends[] = { "\nCOMMIT\n", "-A U -j ACCEPT\nCOMMIT\n" };
	static const char rule[] = "-A T -j MARK --and 0x4000", is[] = "-A T -j zz-mark-0-ffffbfff ";

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct text t = padded(rule, i ? 10239 : 10238, ends[i]);
		struct text got = ruleset_rewrite(of(&t), CLASS_TYPO);
		char *at = memmem(got.at, got.len, is, strlen(is));

		assert_non_null(at);
		assert_string_equal(at + (i ? 10239 : 10238), ends[i]);
		assert_int_equal(strspn(at + strlen(is), " "), (i ? 10239 : 10238) - strlen(is));
		text_release(&t);
		text_release(&got);
	}
}

/* One byte less and there is room: the limit alone decides. */
static void without_blanks_at_the_end_it_is_stuck(void **state)
{
	(void)state;
	for (size_t len = 10237; len <= 10238; len++) {
		struct text t = padded("-A T", len - 20, "-j MARK --and 0x4000\nCOMMIT\n");
		struct text got = ruleset_rewrite(of(&t), CLASS_TYPO);

		assert_int_equal(memmem(got.at, got.len, "-j zz-mark", 10) != NULL, len == 10237);
		text_release(&t);
		text_release(&got);
	}
}

/* Blanks in quotes that nothing closes belong to the word, and behind a NUL is no blank. */
static void what_is_no_blank_stays(void **state)
{
	const char *const rules[] = { "-A T -j MARK --an 0 -m comment --comment \"x",
				      "-A T -j MARK --an 0 -m comment --comment x" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct text t = padded(rules[i], 10238, "\nCOMMIT\n"), got;

		if (i)
			memset(memmem(t.at, t.len, "  ", 2), '\0', 5 + 10238 - 5 - strlen(rules[i]));
		got = ruleset_rewrite(of(&t), CLASS_TYPO);
		assert_null(memmem(got.at, got.len, "-j zz-mark", 10));
		text_release(&t);
		text_release(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_long_lines_keep_their_length),
		cmocka_unit_test(whole_lines_stay_whole),
		cmocka_unit_test(growth_is_taken_from_the_blanks_at_the_end),
		cmocka_unit_test(without_blanks_at_the_end_it_is_stuck),
		cmocka_unit_test(what_is_no_blank_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
