/* The helper chains of a saved ruleset, and the rules that lead to them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "unused.h"

#define CHAIN ":zz-mark-1-1 - [0:0]\n"

/* `want` is "table value/mask jumps;" for each chain, in the order of the ruleset. */
static const struct {
	const char *saved, *want;
} rows[] = {
	{ "", "" },
	{ "\n\n", "" },
	{ "*nat\n:T - [0:0]\n-A T -j ACCEPT\nCOMMIT\n", "" },
	{ "*nat\n" CHAIN "COMMIT\n", "nat 1/1 0;" },
	{ "*nat\n" CHAIN "-A T -j zz-mark-1-1\nCOMMIT\n", "nat 1/1 1;" },
	{ "*nat\n" CHAIN "-A T -j zz-mark-1-1", "nat 1/1 1;" },
	{ "*nat\n" CHAIN "-A T -g zz-mark-1-1\n", "nat 1/1 1;" },
	{ "*nat\n" CHAIN "[3:180] -A T -j zz-mark-1-1\n", "nat 1/1 1;" },
	{ "*nat\n" CHAIN "-A T -j zz-mark-1-1\n-A U -j zz-mark-1-1\n", "nat 1/1 2;" },
	{ "*nat\n" CHAIN "-A T -m nosuch --odd 1 -j zz-mark-1-1\n", "nat 1/1 1;" },
	{ "*nat\n" CHAIN "-A T ! -s fd00::/8 -p tcp -m tcp --dport 80 -j zz-mark-1-1\n",
	  "nat 1/1 1;" },
	/* what only looks like a jump */
	{ "*nat\n" CHAIN "-A zz-mark-1-1 -j CONNMARK --save-mark\n", "nat 1/1 0;" },
	{ "*nat\n" CHAIN "-A T -m comment --comment \"-j zz-mark-1-1\" -j ACCEPT\n", "nat 1/1 0;" },
	{ "*nat\n" CHAIN "-A T -m comment --comment zz-mark-1-1 -j ACCEPT\n", "nat 1/1 0;" },
	{ "*nat\n" CHAIN "-A T -j zz-mark-1-11\n-A T -j zz-mark-01-1\n", "nat 1/1 0;" },
	{ "*nat\n" CHAIN "# -A T -j zz-mark-1-1\n", "nat 1/1 0;" },
	/* chains of other tables and other operations are others */
	{ "*nat\n" CHAIN "COMMIT\n*mangle\n" CHAIN "-A T -j zz-mark-1-1\nCOMMIT\n",
	  "nat 1/1 0;mangle 1/1 1;" },
	{ "*raw\n" CHAIN ":zz-mark-1-ff - [0:0]\n:zz-mark-2-1 - [0:0]\n-A T -j zz-mark-1-ff\n",
	  "raw 1/1 0;raw 1/ff 1;raw 2/1 0;" },
	{ "*filter\n:zz-mark-0x1-1 - [0:0]\n:zz-mark-1 - [0:0]\n:ZZ-mark-1-1 - [0:0]\n", "" },
	{ "*nat\n:zz-mark-ffffffff-ffffffff - [0:0]\n", "nat ffffffff/ffffffff 0;" },
};

static void helper_chains_are_found_with_the_rules_that_lead_there(void **state)
{
	char got[1024], want[1024];
	struct unused u;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t used = (size_t)snprintf(got, sizeof(got), "%s=> ", rows[i].saved);

		assert_int_equal(unused_find(&u, span_of(rows[i].saved), FAMILY_IPV6), 0);
		for (size_t j = 0; j < u.n; j++)
			used += (size_t)snprintf(got + used, sizeof(got) - used, "%s %x/%x %zu;",
						 table_name(u.at[j].table), u.at[j].op.value,
						 u.at[j].op.mask, u.at[j].jumps);
		unused_release(&u);
		assert_null(u.at);
		snprintf(want, sizeof(want), "%s=> %s", rows[i].saved, rows[i].want);
		assert_string_equal(got, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(helper_chains_are_found_with_the_rules_that_lead_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
