/* JSON: commas where they belong, and nothing that needs escaping goes out bare. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "json.h"

static void commas_stand_between_members_alone(void **state)
{
	OWN_TEXT struct text t = { 0 };

	(void)state;
	json_open(&t, NULL, "{");
	json_text(&t, "a", "x");
	json_text(&t, "b", NULL);
	json_open(&t, "c", "[");
	json_number(&t, NULL, INT64_MIN);
	json_bool(&t, NULL, true);
	json_open(&t, NULL, "{");
	json_close(&t, "}");
	json_null(&t, NULL);
	json_close(&t, "]");
	json_bool(&t, "d", false);
	json_close(&t, "}");
	assert_string_equal(t.at, "{\"a\":\"x\",\"b\":null,\"c\":[-9223372036854775808,true,{},null],"
			    "\"d\":false}");
}

/* A text that ends like the beginning of an object is none. */
static void texts_are_escaped(void **state)
{
	OWN_TEXT struct text t = { 0 };

	(void)state;
	json_open(&t, NULL, "[");
	json_text(&t, NULL, "{");
	json_text(&t, NULL, "[");
	json_text(&t, NULL, "\"\\\x1b\n\xff");
	json_close(&t, "]");
	assert_string_equal(t.at, "[\"{\",\"[\",\"\\\"\\\\\\u001b\\u000a\\ufffd\"]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_between_members_alone),
		cmocka_unit_test(texts_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
