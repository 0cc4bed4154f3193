/* The backend, from what a program prints as its version. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "real_version.h"

static const struct {
	const char *printed, *want;
} rows[] = {
	{ "iptables v1.8.9 (nf_tables)\n",		"nft" },
	{ "ip6tables-restore v1.8.11 (nf_tables)\n",	"nft" },
	{ "ip6tables-nft-save v1.8.2 (nf_tables)",	"nft" },
	{ "iptables v1.8.9 (legacy)\n",			"legacy" },
	{ "ip6tables-legacy-restore v1.8.7 (legacy)\n",	"legacy" },
	{ "iptables v1.6.1\n",				"legacy" },	/* unsaid */
	{ "ip6tables-restore v1.4.21",			"legacy" },
	{ "",						"unknown" },
	{ "\n",						"unknown" },
	{ "v1.8.9 (nf_tables)\n",			"unknown" },
	{ "iptables\n",					"unknown" },
	{ "iptables (nf_tables)\n",			"unknown" },
	{ "iptables v2.0.0 (nf_tables)\n",		"unknown" },
	{ "iptables v1.8.9 (\n",			"unknown" },
	{ "iptables v1.8.9 (nf_table)\n",		"unknown" },
	{ "iptables v1.9.0 (other)\n",			"unknown" },
	{ "nftables v1.0.6 (Lester Gooch #5)\n",	"unknown" },
	{ "ebtables 1.8.9 (nf_tables)\n",		"unknown" },
	{ "BusyBox v1.35.0 (2022-08-01)\n",		"unknown" },
};

static void the_version_line_names_the_backend(void **state)
{
	char got[128], want[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(got, sizeof(got), "%s: %s", rows[i].printed,
			 backend_name(real_version_parse(rows[i].printed)));
		snprintf(want, sizeof(want), "%s: %s", rows[i].printed, rows[i].want);
		assert_string_equal(got, want);
	}
}

/* None of these says a version; the test hangs if one of them is waited for. */
static void a_program_that_says_nothing_leaves_it_open(void **state)
{
	static const char *const programs[] = {
		"/nonexistent/iptables", "/", "/bin/true", "/bin/false"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		char got[64], want[64];

		snprintf(got, sizeof(got), "%s: %s", programs[i],
			 backend_name(real_version_backend(programs[i], "iptables")));
		snprintf(want, sizeof(want), "%s: unknown", programs[i]);
		assert_string_equal(got, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_version_line_names_the_backend),
		cmocka_unit_test(a_program_that_says_nothing_leaves_it_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
