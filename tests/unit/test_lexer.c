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
#include "ruleset.h"
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

/* It is the bytes without quotes and escapes that count. */
static void words_of_1024_bytes_are_refused(void **state)
{
	char line[1 + 2 * 1024 + 1];

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_string_not_equal(split(line, 1023), "!");
	assert_string_equal(split(line, 1024), "!");
	memset(line, '\\', sizeof(line));
	line[0] = line[1 + 2 * 1023] = '"';
	assert_string_not_equal(split(line, 1 + 2 * 1023 + 1), "!");
	line[1 + 2 * 1023] = '\\';
	line[1 + 2 * 1024] = '"';
	assert_string_equal(split(line, 1 + 2 * 1024 + 1), "!");
}

/* Of 255 arguments the program's name, -t and the table are three. */
static void words_beyond_252_are_refused(void **state)
{
	char line[2 * 253];

	(void)state;
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = i % 2 ? ' ' : 'x';
	assert_string_not_equal(split(line, 2 * 252), "!");
	assert_string_equal(split(line, 2 * 253), "!");
}

/* add_param_to_argv() as GRAMMAR tells of it, a byte at a time; no word is too long here. */
static void shown_by_grammar(char *shown, const char *line, size_t len)
{
	bool open = false, escaped = false, any = false;
	char word[64];
	size_t n = 0, used = 0;

	shown[0] = word[0] = '\0';
	for (size_t i = 0; i <= len; i++) {
		bool end = i == len, closed = false;
		char c = end ? '\0' : line[i];

		if (!end && escaped) {
			word[n++] = c;
			escaped = false;
			continue;
		}
		if (!end && open && c == '\\') {
			escaped = true;
			continue;
		}
		if (!end && c == '"') {
			closed = open;
			any |= closed;
			open = !open;
			if (!closed)
				continue;
		} else if (!end && (open || !strchr(" \t\n", c))) {
			word[n++] = c;
			continue;
		}
		if (n || any)
			used += (size_t)snprintf(shown + used, 512 - used, "[%.*s]", (int)n, word);
		n = 0;
		any = false;
	}
}

static void random_lines_are_split_as_the_grammar_says(void **state)
{
	static const char bytes[] = "\"\"\"\\\\ \t\nab'-#\r";
	uint32_t seed = 1813;
	char line[40], want[512];

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < 300000; i++) {
		size_t len = ruleset_next_random(&seed) % sizeof(line);

		for (size_t k = 0; k < len; k++)
			line[k] = bytes[ruleset_next_random(&seed) % (sizeof(bytes) - 1)];
		shown_by_grammar(want, line, len);
		if (strcmp(split(line, len), want) != 0)
			fail_msg("%.*s => %s, not %s", (int)len, line, split(line, len), want);
	}
}

static void lines_end_where_fgets_ends_them(void **state)
{
	size_t len = 2 * 10239 + 10;
	char *text = malloc(len);
	struct span rest = { text, len }, line;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	text[3] = '\n';
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, 4);
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, 10239);
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, 10239);
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, 6);
	assert_false(lexer_line(&rest, &line));
	free(text);
}

/* fgets() takes the newline too if it has room for it, and else leaves it for a line of its own. */
static void the_newline_is_the_10239th_byte_at_most(void **state)
{
	static char text[10241];
	struct span rest = { text, sizeof(text) }, line;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[10238] = '\n';
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, 10239);
	text[10238] = 'x';
	text[10239] = '\n';
	rest = (struct span){ text, sizeof(text) };
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, 10239);
	assert_true(lexer_line(&rest, &line));
	assert_int_equal(line.len, 1);
	assert_true(lexer_line(&rest, &line));
	assert_true(span_is(line, "x"));
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
		cmocka_unit_test(words_beyond_252_are_refused),
		cmocka_unit_test(random_lines_are_split_as_the_grammar_says),
		cmocka_unit_test(lines_end_where_fgets_ends_them),
		cmocka_unit_test(the_newline_is_the_10239th_byte_at_most),
		cmocka_unit_test(a_nul_ends_what_is_seen_of_a_line),
		cmocka_unit_test(strtok_knows_no_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
