/* The counters' file: what is written is read back, and nothing else is believed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tally.h"

#define BOOT "5a1f6a3e-0f6b-4b0e-9f3c-1d2e3f405060"

static const struct tally some = {
	.since = 1764100000, .n = { 1, 22, 333, 4444, 55555 },
};

static void what_is_said_is_read(void **state)
{
	const struct tally most = {
		.since = INT64_MAX,
		.n = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX },
	};
	const struct tally *both[] = { &some, &most };
	char text[STATE_TEXT_MAX];
	struct tally got;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		tally_say(text, both[i], BOOT);
		assert_true(strlen(text) < sizeof(text) - 1);
		assert_true(tally_parse(&got, text, BOOT));
		assert_memory_equal(&got, both[i], sizeof(got));
	}
	tally_say(text, &some, BOOT);
	assert_string_equal(text, "boot " BOOT "\nsince 1764100000\nruns 1\nchanged 22\nstuck 333\n"
			    "dropped 4444\nfailures 55555\n");
}

static void another_boots_file_is_none(void **state)
{
	char text[STATE_TEXT_MAX];
	struct tally got;

	(void)state;
	tally_say(text, &some, BOOT);
	assert_false(tally_parse(&got, text, "5a1f6a3e-0f6b-4b0e-9f3c-1d2e3f405061"));
	assert_int_equal(got.n[TALLY_RUNS], 0);
	assert_false(tally_parse(&got, text, ""));
}

/* Each byte left out, and each one changed. */
static void a_damaged_file_is_none(void **state)
{
	char text[STATE_TEXT_MAX], damaged[STATE_TEXT_MAX];
	struct tally got;
	size_t len;

	(void)state;
	tally_say(text, &some, BOOT);
	len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		snprintf(damaged, sizeof(damaged), "%.*s", (int)i, text);
		assert_false(tally_parse(&got, damaged, BOOT));
		snprintf(damaged, sizeof(damaged), "%s", text);
		damaged[i] = '#';
		assert_false(tally_parse(&got, damaged, BOOT));
		assert_int_equal(got.n[TALLY_RUNS], 0);
	}
}

static void no_number_is_made_up(void **state)
{
	static const char *const texts[] = {
		"", "\n\n\n\n\n\n\n\n", "boot " BOOT "\n",
		"boot " BOOT "\nsince -\nruns 1\nchanged 1\nstuck 1\ndropped 1\nfailures 1\n",
		"boot " BOOT "\nsince 1\nruns -1\nchanged 1\nstuck 1\ndropped 1\nfailures 1\n",
		"boot " BOOT "\nsince 1\nruns 1\nchanged 1\nstuck 1\nfailures 1\ndropped 1\n",
		"boot " BOOT "\nsince 1\nruns 1\nchanged 1\nstuck 1\ndropped 1\nfailures 1\nmore 1\n",
		"boot " BOOT "\nsince 1\nruns 99999999999999999999999\nchanged 1\nstuck 1\ndropped 1\n"
		"failures 1\n",
	};
	struct tally got;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(tally_parse(&got, texts[i], BOOT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_is_read),
		cmocka_unit_test(another_boots_file_is_none),
		cmocka_unit_test(a_damaged_file_is_none),
		cmocka_unit_test(no_number_is_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
