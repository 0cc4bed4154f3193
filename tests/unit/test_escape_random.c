/* Any bytes, escaped: nothing is lost, and nothing harmful is left. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "ruleset.h"

/* Takes escape_text()'s work back; what is left of it must be printable UTF-8 by itself. */
static void unescape(struct text *to, const char *s)
{
	while (*s) {
		char hex[3] = "", byte;

		if (*s != '\\') {
			text_add(to, s++, 1);
			continue;
		}
		if (s[1] == '\\') {
			text_puts(to, "\\");
			s += 2;
			continue;
		}
		assert_int_equal(s[1], 'x');
		memcpy(hex, s + 2, 2);
		byte = (char)strtol(hex, NULL, 16);
		text_add(to, &byte, 1);
		s += 4;
	}
}

static void nothing_is_lost_and_nothing_harmful_is_left(void **state)
{
	static const unsigned char bytes[] = {
		'a', '\\', '"', 0, '\n', '\t', 0x1b, 0x7f, 0x80, 0x85, 0xa0, 0xbf, 0xc0,
		0xc2, 0xc3, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x9f, 0x90, 0x8f,
	};
	uint32_t seed = 7;

	(void)state;
	print_message("seed %u\n", seed);
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
	for (int i = 0; i < 100000; i++) {
		struct text shown = { 0 }, again = { 0 }, json = { 0 };
		char in[12];
		size_t len = ruleset_next_random(&seed) % sizeof(in);

		for (size_t k = 0; k < len; k++)
			in[k] = (char)bytes[ruleset_next_random(&seed) % sizeof(bytes)];
		text_add(&shown, "", 0);
		text_add(&again, "", 0);
		escape_text(&shown, (struct span){ in, len }, SIZE_MAX);
		escape_json(&json, (struct span){ in, len }, SIZE_MAX);
		unescape(&again, shown.at);
		assert_int_equal(again.len, len);
		assert_memory_equal(again.at, in, len);
		/* libc's own reader of UTF-8 takes both, and they have no control characters */
		assert_true(mbstowcs(NULL, shown.at, 0) != (size_t)-1);
		assert_true(mbstowcs(NULL, json.at, 0) != (size_t)-1);
		for (const char *c = shown.at; *c; c++)
			assert_true(((unsigned char)*c >= ' ' || *c == '\t') && *c != 0x7f);
		for (const char *c = json.at; *c; c++)
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
		text_release(&shown);
		text_release(&again);
		text_release(&json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_and_nothing_harmful_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
