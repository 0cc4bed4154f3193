/* Which releases are known to have lost MARK, as uname -r has them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "known_kernels.h"

static const char *here;

static bool is(const char *distribution)
{
	return !strcmp(distribution, here);
}

static const char *const ages[] = {
	[KNOWN_NOTHING] = "nothing", [KNOWN_BEFORE] = "before", [KNOWN_BAD] = "bad",
	[KNOWN_AFTER] = "after", [KNOWN_FIXED] = "fixed",
};

static const struct {
	const char *distribution, *release, *want, *fixed;
} rows[] = {
	{ "other", "6.6.56", "before", "6.6.59 or later" },
	{ "other", "6.6.57", "bad", "6.6.59 or later" },
	{ "other", "6.6.58_1", "bad", "6.6.59 or later" },
	{ "other", "6.6.59", "fixed", "6.6.59 or later" },
	{ "other", "6.6.100-talos", "fixed", "6.6.59 or later" },
	{ "other", "6.11.3", "before", "6.11.6 or later" },
	{ "other", "6.11.5", "bad", "6.11.6 or later" },
	{ "fedora", "6.11.4-201.fc40.x86_64", "bad", "kernel 6.11.6-300 or later" },
	{ "fedora", "6.11.6-300.fc41.x86_64", "fixed", "kernel 6.11.6-300 or later" },
	{ "arch", "6.6.58-1-lts", "bad", "linux-lts 6.6.59-1 or later" },
	{ "arch", "6.11.4-arch1-1", "bad", "linux 6.11.6.arch1-1 or later" },
	{ "other", "6.1.112", "before", "6.1.115 or later" },
	{ "other", "6.1.114", "bad", "6.1.115 or later" },
	{ "other", "5.15.167", "before", "5.15.170 or later" },
	{ "other", "5.15.168", "bad", "5.15.170 or later" },
	{ "bottlerocket", "5.15.168", "bad", "Bottlerocket 1.27.1 or later" },
	{ "ubuntu", "6.8.0-55-generic", "before", "linux-image 6.8.0-58.60 or later" },
	{ "ubuntu", "6.8.0-56-generic", "bad", "linux-image 6.8.0-58.60 or later" },
	{ "ubuntu", "6.8.0-57-generic", "bad", "linux-image 6.8.0-58.60 or later" },
	{ "ubuntu", "6.8.0-58-generic", "fixed", "linux-image 6.8.0-58.60 or later" },
	{ "ubuntu", "6.8.0-1026-aws", "bad", "-" },
	{ "ubuntu", "6.8.0-1027-aws", "after", "-" },
	{ "ubuntu", "6.8.0-1025-azure", "bad", "-" },
	{ "ubuntu", "6.8.0-1025-gcp", "nothing", "-" },
	{ "ubuntu", "5.15.0-126-generic", "before", "-" },
	{ "ubuntu", "5.15.0-128-generic", "bad", "-" },
	{ "ubuntu", "5.15.0-131-generic", "after", "-" },
	{ "ubuntu", "6.11.0-21-generic", "nothing", "-" },	/* its own count, not upstream's */
	{ "debian", "6.8.0-57-generic", "nothing", "-" },
	{ "debian", "6.1.0-26-amd64", "nothing", "-" },
	{ "centos", "5.14.0-529.el9.x86_64", "bad", "-" },
	{ "other", "6.12.0", "nothing", "-" },
	{ "other", "5.10.230", "nothing", "-" },
	{ "other", "6.6", "nothing", "-" },
	{ "other", "", "nothing", "-" },
	{ "other", "six.six.57", "nothing", "-" },
};

static void each_release_is_where_it_belongs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct known_kernel *k;
		char got[128], want[128];
		enum known_age a;

		here = rows[i].distribution;
		a = known_kernels_find(&k, rows[i].release, is);
		snprintf(got, sizeof(got), "%s %s: %s, %s", here, rows[i].release, ages[a],
			 k && k->fixed ? k->fixed : "-");
		snprintf(want, sizeof(want), "%s %s: %s, %s", here, rows[i].release, rows[i].want,
			 rows[i].fixed);
		assert_string_equal(got, want);
		assert_int_equal(!k, a == KNOWN_NOTHING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_release_is_where_it_belongs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
