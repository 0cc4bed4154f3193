/* Lines and words, against what GRAMMAR of the real parsers says of each. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lexer.h"
#include "text.h"

/* Words in brackets, so that empty ones show; "!" if the line is refused. */
static char *split(const char *bytes, size_t len)
{
	static struct lexer_words w;
	static char shown[4096];
	size_t used = 0;

	shown[0] = '\0';
	if (lexer_split(&w, (struct span){ bytes, len }) < 0)
		return strcpy(shown, "!");
	for (size_t i = 0; i < w.n; i++)
		used += (size_t)snprintf(shown + used, sizeof(shown) - used, "[%s]", w.at[i].text);
	return shown;
}

static const struct {
	const char *line, *want;
} rows[] = {
	{ "",				"" },
	{ " \t \n",			"" },
	{ "-A T -j MARK\n",		"[-A][T][-j][MARK]" },
	{ "\t-A\tT",			"[-A][T]" },
	{ "a  b   c \n",		"[a][b][c]" },
	{ "\"a b\" c",			"[a b][c]" },
	{ "MA\"RK\" x",			"[MARK][x]" },
	{ "\"MA\"RK",			"[MA][RK]" },
	{ "foo\"bar baz\"qux",		"[foobar baz][qux]" },
	{ "--comment \"\" x",		"[--comment][][x]" },
	{ "--set-mark \"\"1",		"[--set-mark][][1]" },
	{ "\"a\\\"b\" c",		"[a\"b][c]" },
	{ "\"a\\\\\" c",		"[a\\][c]" },
	{ "\"M\\ARK\"",			"[MARK]" },
	{ "\"a\\tb\"",			"[atb]" },
	{ "a\\ b",			"[a\\][b]" },
	{ "a\\\"b c\"",			"[a\\b c]" },
	{ "'a b'",			"['a][b']" },
	{ "x \"abc -j MARK\n",		"[x][abc -j MARK\n]" },
	{ "x \"",			"[x]" },
	{ "x \"\n",			"[x][\n]" },
	{ "x \"a\\",			"[x][a]" },
	{ "a\rb\r\n",			"[a\rb\r]" },
	{ "a\vb\fc",			"[a\vb\fc]" },
	{ "a # b",			"[a][#][b]" },
	{ "\xc2\xa0x",			"[\xc2\xa0x]" },
};

static void words_are_split_as_add_param_to_argv_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char got[512], want[512];

		snprintf(got, sizeof(got), "%s => %s", rows[i].line,
			 split(rows[i].line, strlen(rows[i].line)));
		snprintf(want, sizeof(want), "%s => %s", rows[i].line, rows[i].want);
		assert_string_equal(got, want);
	}
}

static void a_raw_word_is_all_that_it_was_written_as(void **state)
{
	static struct lexer_words w;
	const char *line = " MA\"R\\K\"x";

	(void)state;
	assert_int_equal(lexer_split(&w, span_of(line)), 0);
	assert_int_equal(w.n, 2);
	assert_ptr_equal(w.at[0].raw.at, line + 1);
	assert_int_equal(w.at[0].raw.len, 7);
	assert_true(w.at[0].quoted);
	assert_int_equal(w.at[1].raw.len, 1);
	assert_false(w.at[1].quoted);
}

static void words_of_1024_bytes_are_refused(void **state)
{
	char line[LEXER_WORD_MAX + 1];

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_string_not_equal(split(line, LEXER_WORD_MAX), "!");
	assert_string_equal(split(line, LEXER_WORD_MAX + 1), "!");
}

static void only_so_many_words_fit(void **state)
{
	char line[2 * LEXER_WORDS_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = i % 2 ? ' ' : 'x';
	assert_string_not_equal(split(line, 2 * LEXER_WORDS_MAX), "!");
	assert_string_equal(split(line, sizeof(line)), "!");
}

static void lines_end_where_fgets_ends_them(void **state)
{
	size_t len = 2 * LEXER_LINE_MAX + 10;
	char *text = malloc(len);
	struct span rest = { text, len }, line;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	text[3] = '\n';
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, 4);
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, LEXER_LINE_MAX);
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, LEXER_LINE_MAX);
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, 6);
	assert_false(lexer_line(&rest, &line));
	free(text);
}

static void a_nul_ends_what_is_seen_of_a_line(void **state)
{
	const struct span line = { "ab\0cd\n", 6 };

	(void)state;
	assert_int_equal(lexer_visible(line).len, 2);
	assert_int_equal(lexer_visible(span_of("abc\n")).len, 4);
}

static void strtok_knows_no_quotes(void **state)
{
	(void)state;
	assert_true(span_is(lexer_strtok(span_of(" nat x\n"), 0), "nat"));
	assert_true(span_is(lexer_strtok(span_of(" nat x\n"), 1), "x"));
	assert_true(span_is(lexer_strtok(span_of("\"a b\"\n"), 0), "\"a"));
	assert_int_equal(lexer_strtok(span_of(" \t\n"), 0).len, 0);
	assert_int_equal(lexer_strtok(span_of("a"), 1).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split_as_add_param_to_argv_does),
		cmocka_unit_test(a_raw_word_is_all_that_it_was_written_as),
		cmocka_unit_test(words_of_1024_bytes_are_refused),
		cmocka_unit_test(only_so_many_words_fit),
		cmocka_unit_test(lines_end_where_fgets_ends_them),
		cmocka_unit_test(a_nul_ends_what_is_seen_of_a_line),
		cmocka_unit_test(strtok_knows_no_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
