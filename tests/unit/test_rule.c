/* Rules as getopt_long() and do_parse() of iptables read them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "rule.h"

/* "COMMAND CHAIN TARGET value/mask", a dash for what is not there; "refused". */
static void show(char *text, size_t size, const char *line)
{
	static struct lexer_words w;
	char op[32] = "-";
	struct rule r;

	if (lexer_split(&w, span_of(line)) < 0 || rule_parse(&r, &w, FAMILY_IPV6) < 0) {
		snprintf(text, size, "refused");
		return;
	}
	if (r.mark[0])
		snprintf(op, sizeof(op), "%x/%x", r.op.value, r.op.mask);
	snprintf(text, size, "%c %s %s%s %s", r.command ? r.command : '-', r.chain ? r.chain : "-",
		 r.target && !r.jumps ? "goto " : "", r.target ? r.target_name : "-", op);
}

static const struct {
	const char *line, *want;
} rows[] = {
	{ "-A T -j MARK --set-mark 1",			"A T MARK 1/ffffffff" },
	{ "-A T --jump MARK --or-mark 0x4000",		"A T MARK 4000/4000" },
	{ "--append T --jump=MARK --xor-mark=1",	"A T MARK 1/0" },
	{ "-AT -jMARK --and-mark 1",			"A T MARK 0/fffffffe" },
	{ "-A T -vjMARK --set-mark 1",			"A T MARK 1/ffffffff" },
	{ "-j MARK --set-mark 1 -A T",			"A T MARK 1/ffffffff" },
	{ "-j MARK -m comment --comment x --set-xmark 1/2 -A T", "A T MARK 1/2" },
	{ "-I T 2 -j MARK --set-mark 1",		"I T MARK 1/ffffffff" },
	{ "-R T 2 -j MARK --set-mark 1",		"R T MARK 1/ffffffff" },
	{ "-D T 2",					"D T - -" },
	{ "-C T -j MARK --set-mark 1",			"C T MARK 1/ffffffff" },
	{ "-F",						"F - - -" },
	{ "-F T",					"F T - -" },
	{ "-X -v",					"X - - -" },
	{ "--flush",					"F - - -" },
	{ "-A T -c 5 6 -j MARK --set-mark 1",		"A T MARK 1/ffffffff" },
	{ "-A T --set-counters 5 6 -j MARK --set-m 1",	"A T MARK 1/ffffffff" },
	/* abbreviations, as far as they are unique */
	{ "-A T -j MARK --set-x 1",			"A T MARK 1/ffffffff" },
	{ "-A T -j MARK --x 1",				"A T MARK 1/0" },
	{ "-A T -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T -j MARK --an 1",			"A T MARK 0/fffffffe" },
	{ "-A T -j MARK --set 1",			"refused" },
	{ "-A T -j MARK --o 1",				"refused" },
	{ "-A T -j MARK --a 1",				"refused" },
	{ "-A T --j MARK --set-mark 1",			"A T MARK 1/ffffffff" },
	/* what only looks like a target */
	{ "-A T -m comment --comment -j -j MARK --set-mark 1", "A T MARK 1/ffffffff" },
	{ "-A T -m comment --comment \"-j MARK --set-mark 1\" -j ACCEPT", "A T ACCEPT -" },
	{ "-A T -i MARK -j ACCEPT",			"A T ACCEPT -" },
	{ "-A MARK -j ACCEPT",				"A MARK ACCEPT -" },
	{ "-A T -g MARK",				"A T goto MARK -" },
	{ "-A T -j mark",				"A T mark -" },
	{ "-A T -j MARKX --set-mark 1",			"A T MARKX -" },
	/* options of extensions: none, one or two words */
	{ "-A T -m socket --nowildcard -j MARK --set-mark 1", "A T MARK 1/ffffffff" },
	{ "-A T -m set --match-set s src -j MARK --set-mark 1", "A T MARK 1/ffffffff" },
	{ "-A T -p tcp --tcp-flags SYN,RST SYN -j MARK --set-mark 1", "A T MARK 1/ffffffff" },
	{ "-A T -j MARK --set-mark 1 --dest ::1 -m tcp -p tcp --dport 80", "A T MARK 1/ffffffff" },
	{ "-A T -m mark ! --mark 1/1 -j MARK --set-mark 1", "A T MARK 1/ffffffff" },
	{ "-A T -m nosuch --odd value --flag -j MARK --set-mark 1", "A T MARK 1/ffffffff" },
	{ "-A T -j udp --dest ::1",			"A T udp -" },
	/* what the real program refuses, or does something else with */
	{ "-A T -j MARK",				"A T MARK -" },
	{ "-A T -j MARK --set-mark",			"refused" },
	{ "-A T -j MARK --set-mark 08",			"refused" },
	{ "-A T -j MARK --set-mark 1 --or-mark 1",	"refused" },
	{ "-A T -j MARK ! --set-mark 1",		"refused" },
	{ "-A T ! -j MARK --set-mark 1",		"refused" },
	{ "-A T -m mark ! ! --mark 1",			"refused" },
	{ "-A T -j MARK --set-mark 1 !",		"refused" },
	{ "-A T -j MARK --set-mark 1 -j ACCEPT",	"refused" },
	{ "-A T -j MARK --set-mark 1 -g T",		"refused" },
	{ "-A T -A U -j ACCEPT",			"refused" },
	{ "-A T -t mangle -j ACCEPT",			"refused" },
	{ "-A T -w -j ACCEPT",				"refused" },
	{ "-A T -h",					"refused" },
	{ "-V",						"refused" },
	{ "-A T word -j ACCEPT",			"refused" },
	{ "-A T -- -j ACCEPT",				"refused" },
	{ "-A T -j ACCEPT --",				"A T ACCEPT -" },
	{ "-A",						"refused" },
	{ "-A T -j MARK --nosuch=1 --set-mark 1",	"A T MARK 1/ffffffff" },
	{ "-A T --set-mark 1 -j MARK",			"A T MARK -" },
	/* the other family: what comes after it is not read */
	{ "-4 -A T -j MARK --set-mark 1",		"- - - -" },
	{ "-A T -j MARK --set-mark 1 -4",		"A T MARK 1/ffffffff" },
	{ "-6 -A T -j MARK --set-mark 1",		"A T MARK 1/ffffffff" },
};

static void rules_are_read_as_iptables_reads_them(void **state)
{
	char got[512], want[512], result[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		show(result, sizeof(result), rows[i].line);
		snprintf(got, sizeof(got), "%s => %s", rows[i].line, result);
		snprintf(want, sizeof(want), "%s => %s", rows[i].line, rows[i].want);
		assert_string_equal(got, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_read_as_iptables_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
