/* Text made harmless, and answers that make a class. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "escape.h"

static const struct {
	const char *in, *text, *json;
	size_t max;
} rows[] = {
	{ "plain -j MARK", "plain -j MARK", "\"plain -j MARK\"", 99 },
	{ "a\nb", "a\\x0ab", "\"a\\u000ab\"", 99 },
	{ "a\tb", "a\tb", "\"a\\u0009b\"", 99 },
	{ "\033[2J\x7f", "\\x1b[2J\\x7f", "\"\\u001b[2J\\u007f\"", 99 },
	{ "say \"x\" \\", "say \"x\" \\\\", "\"say \\\"x\\\" \\\\\"", 99 },
	{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"", 99 },
	{ "\xc2\x85x", "\\xc2\\x85x", "\"\\u0085x\"", 99 },		/* C1 */
	{ "\xff\xc3", "\\xff\\xc3", "\"\\ufffd\\ufffd\"", 99 },	/* broken */
	{ "\xc0\xaf", "\\xc0\\xaf", "\"\\ufffd\\ufffd\"", 99 },	/* overlong */
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\"\\ufffd\\ufffd\\ufffd\"", 99 },	/* surrogate */
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", 99 },
	{ "abcdef", "abc...", "\"abc...\"", 3 },
	{ "ab\xc3\xbc", "ab...", "\"ab...\"", 3 },
	{ "", "", "\"\"", 99 },
};

static void texts_are_escaped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text plain = { 0 }, json = { 0 };

		text_add(&plain, "", 0);
		escape_text(&plain, span_of(rows[i].in), rows[i].max);
		escape_json(&json, span_of(rows[i].in), rows[i].max);
		assert_string_equal(plain.at, rows[i].text);
		assert_string_equal(json.at, rows[i].json);
		text_release(&plain);
		text_release(&json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
