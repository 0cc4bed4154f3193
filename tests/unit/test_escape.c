/* Text made harmless. */
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
	{ "\x01\r\x1f ", "\\x01\\x0d\\x1f ", "\"\\u0001\\u000d\\u001f \"", 99 },
	{ "\xc2\x9f\xc2\xa0", "\\xc2\\x9f\xc2\xa0", "\"\\u009f\xc2\xa0\"", 99 },	/* C1 ends */
	{ "\x80\xbf", "\\x80\\xbf", "\"\\ufffd\\ufffd\"", 99 },	/* no first byte */
	{ "\xe2\x82", "\\xe2\\x82", "\"\\ufffd\\ufffd\"", 99 },	/* ends too soon */
	{ "\xe2\x82x", "\\xe2\\x82x", "\"\\ufffd\\ufffdx\"", 99 },
	{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf", "\"\\ufffd\\ufffd\\ufffd\"", 99 },
	{ "\xe0\xa0\x80", "\xe0\xa0\x80", "\"\xe0\xa0\x80\"", 99 },
	{ "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf",
	  "\"\\ufffd\\ufffd\\ufffd\\ufffd\"", 99 },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"", 99 },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80",
	  "\"\\ufffd\\ufffd\\ufffd\\ufffd\"", 99 },
	{ "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80",
	  "\"\xed\x9f\xbf\xee\x80\x80\"", 99 },	/* around the surrogates */
	{ "abc", "abc", "\"abc\"", 3 },
	{ "a", "...", "\"...\"", 0 },
	{ "", "", "\"\"", 0 },
	{ "\n\n", "\\x0a...", "\"\\u000a...\"", 1 },	/* bytes of the text count */
};

static void texts_are_escaped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text got = { 0 }, want = { 0 };

		text_printf(&got, "%s, %zu: ", rows[i].in, rows[i].max);
		escape_text(&got, span_of(rows[i].in), rows[i].max);
		text_puts(&got, " ");
		escape_json(&got, span_of(rows[i].in), rows[i].max);
		text_printf(&want, "%s, %zu: %s %s", rows[i].in, rows[i].max, rows[i].text,
			    rows[i].json);
		assert_string_equal(got.at, want.at);
		text_release(&got);
		text_release(&want);
	}
}

static void a_nul_is_a_control_character(void **state)
{
	struct text got = { 0 };

	(void)state;
	escape_text(&got, (struct span){ "a\0b", 3 }, 3);
	escape_json(&got, (struct span){ "a\0b", 3 }, 3);
	assert_string_equal(got.at, "a\\x00b\"a\\u0000b\"");
	text_release(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(a_nul_is_a_control_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
