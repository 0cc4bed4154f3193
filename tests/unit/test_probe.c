/* What the kernel's answers mean. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "probe.h"

static void only_enoent_is_a_no(void **state)
{
	(void)state;
	assert_int_equal(probe_answer(0), ANSWER_YES);
	assert_int_equal(probe_answer(ENOENT), ANSWER_NO);
	assert_int_equal(probe_answer(EPROTONOSUPPORT), ANSWER_UNKNOWN);
	assert_int_equal(probe_answer(EPERM), ANSWER_UNKNOWN);
	assert_int_equal(probe_answer(ENOPROTOOPT), ANSWER_UNKNOWN);
	assert_string_equal(probe_errno_name(ENOENT), "ENOENT");
	assert_string_equal(probe_errno_name(0), "ok");
	assert_string_equal(probe_errno_name(133), "errno 133");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_enoent_is_a_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
