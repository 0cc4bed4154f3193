/* The names under which markshim stands in for iptables. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "applet.h"

/* `want` is "family backend kind", or "-" for a name that is none of ours. */
static const struct {
	const char *name, *want;
} rows[] = {
	{ "iptables",			"IPv4 unknown 0" },
	{ "ip6tables",			"IPv6 unknown 0" },
	{ "iptables-nft",		"IPv4 nft 0" },
	{ "ip6tables-legacy-restore",	"IPv6 legacy 1" },
	{ "ip6tables-nft-save",		"IPv6 nft 2" },
	{ "/usr/sbin/iptables-save",	"IPv4 unknown 2" },
	{ "../sbin/ip6tables-restore",	"IPv6 unknown 1" },
	{ "/iptables/ip6tables",	"IPv6 unknown 0" },
	{ "/a/iptables-markshim/ip6tables-nft", "IPv6 nft 0" },
	{ "iptables-markshim",		"IPv4 unknown 0" },
	{ "ip6tables-markshim-restore",	"IPv6 unknown 1" },
	{ "/x/ip6tables-markshim-save",	"IPv6 unknown 2" },
	{ "",				"-" },
	{ "/",				"-" },
	{ "iptables/",			"-" },
	{ "markshim",			"-" },
	{ "tables-markshim",		"-" },
	{ "xtables-markshim-restore",	"-" },
	{ "iptables-",			"-" },
	{ "IPtables",			"-" },
	{ "ip4tables",			"-" },
	{ "iptables-save-nft",		"-" },
	{ "iptables-restore-translate",	"-" },
	{ "iptables-nft-legacy",	"-" },
	{ "iptables-markshimsave",	"-" },
	{ "iptables-markshim-markshim",	"-" },
	{ "ip6tables-legacy-restore-and-a-tail-longer-than-any-name", "-" },
	{ "a-head-that-is-longer-than-any-name-iptables-markshim", "-" },
};

static void a_name_is_taken_apart_or_is_none_of_ours(void **state)
{
	char got[128], want[128];
	struct applet a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int n = snprintf(got, sizeof(got), "%s: ", rows[i].name);

		if (applet_find(&a, rows[i].name))
			snprintf(got + n, sizeof(got) - (size_t)n, "%s %s %d",
				 family_name(a.family), backend_name(a.backend), (int)a.kind);
		else
			snprintf(got + n, sizeof(got) - (size_t)n, "-");
		snprintf(want, sizeof(want), "%s: %s", rows[i].name, rows[i].want);
		assert_string_equal(got, want);
	}
}

static void every_index_has_a_name_of_its_own_that_leads_back(void **state)
{
	char name[APPLET_NAME_MAX], got[64], want[64];
	struct applet a;

	(void)state;
	assert_int_equal(APPLET_COUNT, 18);
	for (size_t i = 0; i < APPLET_COUNT; i++) {
		applet_name(name, applet_at(i));
		a = (struct applet){ .kind = APPLET_KINDS };
		assert_true(applet_find(&a, name));
		snprintf(got, sizeof(got), "%s %zu", name, applet_index(a));
		snprintf(want, sizeof(want), "%s %zu", name, i);
		assert_string_equal(got, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_taken_apart_or_is_none_of_ours),
		cmocka_unit_test(every_index_has_a_name_of_its_own_that_leads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
