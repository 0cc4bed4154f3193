/* Rules as getopt_long() and do_parse() of iptables read them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "range.h"
#include "rule.h"
#include "ruleset.h"
#include "scan.h"

/* "COMMAND CHAIN TARGET value/mask", a dash for what is not there; "refused". */
static void show(char *text, size_t size, const char *line, enum family family)
{
	static struct lexer_words w;
	char op[32] = "-";
	struct rule r;

	if (lexer_split(&w, span_of(line)) < 0 || rule_parse(&r, &w, family) < 0) {
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
	{ "--app T --set-c 5 6 --ju MARK --set-m 1",	"A T MARK 1/ffffffff" },
	{ "--ins T 2 --j MARK --set-m 1",		"I T MARK 1/ffffffff" },
	{ "--l T",					"refused" },
	{ "--li T",					"refused" },
	{ "--lin -A T -j MARK --set-mark 1",		"A T MARK 1/ffffffff" },
	{ "--list",					"L - - -" },
	{ "--delete T 1",				"D T - -" },
	{ "--delete-c T",				"X T - -" },
	{ "--s ::1 -A T -j MARK --set-mark 1",		"refused" },
	{ "--sr ::1 -A T -j MARK --set-mark 1",		"A T MARK 1/ffffffff" },
	/* an option with all of its name wins over longer ones */
	{ "-A T -m hl --hl 5 -j MARK --set-mark 1",	"A T MARK 1/ffffffff" },
	{ "-A T -m hl --hl- 5 -j MARK --set-mark 1",	"refused" },
	{ "-A T -m statistic --m random -j MARK --set-mark 1", "refused" },
	{ "-A T -m statistic --mo random -j MARK --set-mark 1", "refused" },
	{ "-A T -m statistic --mode random -j MARK --set-mark 1", "A T MARK 1/ffffffff" },
	/* the name is one of two loaded: the newest has it, with a word or without */
	{ "-A T -m recent -m connlabel --set -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m recent -m set --set a src -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m set -m recent --set -j MARK --or 1",	"A T MARK 1/1" },
	{ "-A T -m set -m recent --set a src -j MARK --or 1", "refused" },
	/* loading one again changes nothing */
	{ "-A T -m set -m recent -m set --set -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m hl -m hl --hl-l 5 -j MARK --or 1",	"A T MARK 1/1" },
	/* all options of iptables itself, with the words that are theirs */
	{ "-A T -s ::1 -d ::2 -i x -o y -p udp -v -x -n -f -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -vxnf -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T -v -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T -x -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T -n -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T -f -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T --line-numbers --exact --numeric --verbose --fragments -j MARK --or 1",
	  "A T MARK 1/1" },
	{ "-A T -M modprobe -j MARK --or 1",		"A T MARK 1/1" },
	{ "-A T -M -j MARK --or 1",			"refused" },
	{ "-A T -i -j -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T --src ::1 --dst=::2 --in-i x --out-i=y --proto tcp --jump=MARK --or 1",
	  "A T MARK 1/1" },
	{ "-A T --in x --out-i=y -j MARK --or 1",	"refused" },
	{ "-E T U",					"E T - -" },
	{ "-E T U V",					"refused" },
	{ "-P T ACCEPT",				"P T - -" },
	{ "-P T ACCEPT x",				"refused" },
	{ "-Z",						"Z - - -" },
	{ "-Z T 1",					"Z T - -" },
	{ "-L T 1 -Z",					"L T - -" },
	{ "-Z -L",					"L - - -" },
	{ "-L -F",					"refused" },
	{ "-S T 1",					"S T - -" },
	{ "-S T 1 2",					"refused" },
	{ "-FT",					"F T - -" },
	{ "-N T",					"N T - -" },
	{ "-N T 1",					"refused" },
	{ "-C T 1",					"refused" },
	{ "-A T 1",					"refused" },
	{ "-0",						"refused" },
	{ "-A T -? -j MARK --or 1",			"refused" },
	{ "-A T -c 5 -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T -c 5,6 -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T -c5 6 -j MARK --or 1",			"A T MARK 1/1" },
	{ "-A T --set-counters=5 6 -j MARK --or 1",	"A T MARK 1/1" },
	{ "-A T --numeric=1 -j MARK --or 1",		"refused" },
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
	{ "-A T -p tcp --tcp-flags SYN -j MARK --or 1", "refused" },
	{ "-A T -p tcp --tcp-flags=SYN,RST SYN -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m set --match-set s ! -j MARK --or 1", "refused" },
	{ "-A T -m set --match-set -j src -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m set --match-set s",			"refused" },
	{ "-A T -m rateest --rateest-bps1 1 -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m rateest --rateest-bps1 -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m rateest --rateest-bps1 ! --rateest-lt -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m rateest --rateest-bps1=1 -j MARK --or 1", "refused" },
	{ "-A T -m socket --nowildcard=1 -j MARK --or 1", "refused" },
	{ "-A T -m limit --limit 1/s --limit-b 5 -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m comment --comment=-j -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m comment --comment \"\" -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m comment --comment ! -j MARK --or 1",	"A T MARK 1/1" },
	{ "-A T -m comment --comment -- -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -m icmpv6 --icmpv6-t 128 -j MARK --or 1", "A T MARK 1/1" },
	/* -p loads its extension, but only for an option that is not known yet, and once */
	{ "-A T -p udp --dport 53 -j MARK --or 1",	"A T MARK 1/1" },
	{ "-A T -p 6 --tcp-flags SYN,RST SYN -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -p ipv6-icmp --icmpv6-type 1 -j MARK --or 1", "A T MARK 1/1" },
	{ "-A T -p tcp --syn -j MARK --or 1",		"A T MARK 1/1" },
	{ "-A T --syn -p tcp -j MARK --or 1",		"A T MARK 1/1" },
	{ "-A T -p tcp --sy word -j MARK --or 1",	"refused" },
	{ "-A T -m MARK --set-mark 1 -j ACCEPT",	"A T ACCEPT -" },
	{ "-A T -m MARK -j MARK --set-mark 1",		"A T MARK 1/ffffffff" },
	{ "-A T -j tcp --sy word",			"A T tcp -" },
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
	{ "-A T -V -j MARK --or 1",			"refused" },
	{ "-A T --help -j MARK --or 1",			"refused" },
	{ "-A T --table=nat -j MARK --or 1",		"refused" },
	{ "-A T -j MARK --or 1 -t nat",			"refused" },
	{ "-A T -vt nat -j MARK --or 1",		"refused" },
	{ "-A T -W 5 -j MARK --or 1",			"refused" },
	{ "-A T -W -j MARK --or 1",			"refused" },
	{ "-A T --wait-interval=5 -j MARK --or 1",	"refused" },
	{ "-A T --wait -j MARK --or 1",			"refused" },
	{ "-A T - -j MARK --or 1",			"refused" },
	{ "-A T \"\" -j MARK --or 1",			"refused" },
	{ "-A T -j MARK --or 1 --",			"A T MARK 1/1" },
	{ "-A T -j MARK -- --or 1",			"refused" },
	{ "-A T -j MARK -j MARK --or 1",		"refused" },
	{ "-A T -g U -j MARK --or 1",			"refused" },
	{ "-A T -j MARK --or 1 --or 1",			"refused" },
	{ "-A T ! -p tcp -j MARK --or 1",		"A T MARK 1/1" },
	{ "-A T -j",					"refused" },
	{ "-A T --jump=",				"A T  -" },
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
	{ "--ipv4 -A T -j MARK --set-mark 1",		"- - - -" },
	{ "-A T -j MARK --set-mark 1 -4 -t nat x",	"A T MARK 1/ffffffff" },
	{ "-A T -v4t nat -j MARK --set-mark 1",		"A T - -" },
	{ "-A T ! -4",					"A T - -" },
	{ "",						"- - - -" },
};

static void rules_are_read_as_iptables_reads_them(void **state)
{
	char got[512], want[512], result[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		show(result, sizeof(result), rows[i].line, FAMILY_IPV6);
		snprintf(got, sizeof(got), "%s => %s", rows[i].line, result);
		snprintf(want, sizeof(want), "%s => %s", rows[i].line, rows[i].want);
		assert_string_equal(got, want);
	}
}

static void the_other_family_is_the_other_way_round(void **state)
{
	char got[256];

	(void)state;
	show(got, sizeof(got), "-4 -A T -j MARK --or 1", FAMILY_IPV4);
	assert_string_equal(got, "A T MARK 1/1");
	show(got, sizeof(got), "-6 -A T -j MARK --or 1", FAMILY_IPV4);
	assert_string_equal(got, "- - - -");
}

/* The rewriter cuts these words out, so they must be those of the line. */
static void the_words_that_matter_are_known(void **state)
{
	static struct lexer_words w;
	struct rule r;

	(void)state;
	assert_int_equal(lexer_split(&w, span_of("-A T -vjMARK -i x --or 1 -o y")), 0);
	assert_int_equal(rule_parse(&r, &w, FAMILY_IPV6), 0);
	assert_ptr_equal(r.target, &w.at[2]);
	assert_ptr_equal(r.target_name, w.at[2].text + 3);
	assert_ptr_equal(r.mark[0], &w.at[5]);
	assert_ptr_equal(r.mark[1], &w.at[6]);
	assert_int_equal(lexer_split(&w, span_of("--or=1 -j \"MARK\" --or=1")), 0);
	assert_int_equal(rule_parse(&r, &w, FAMILY_IPV6), 0);
	assert_ptr_equal(r.target, &w.at[2]);
	assert_ptr_equal(r.mark[0], &w.at[3]);
	assert_null(r.mark[1]);
}

/* Whatever the first look passes over must be without meaning to the rewriter. */
static void nothing_that_matters_escapes_the_first_look(void **state)
{
	static const char *const parts[] = {
		"-A T", "-D T", "-I T 1", "-j", "--jump", "MARK", "MA\"RK\"",
		"\"MA\\RK\"", "MAR\"K\"",
		"\"MAR\\K\"", "--or 1", "-jMARK", "--jump=MARK", "zz-mark-1-1", "zz-\"mark-1-1\"",
		"zz\"-mark-1-1\"",
		"-F", "-X", "KUBE-MARK-MASQ", "-m comment",
		"--comment x", "-i xxxxxxxxx", "\"\"", "-A", "-N zz-mark-1-1", "--flush", "-FK",
	};
	static struct lexer_words w;
	const size_t n_parts = sizeof(parts) / sizeof(parts[0]);
	uint32_t seed = 6117;
	size_t passed = 0, seen = 0;
	struct mark_op op;
	struct rule r;

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < 400000; i++) {
		char line[256] = "x";	/* the byte before a rule is looked at as well */
		size_t len = 1;

		for (uint32_t n = ruleset_next_random(&seed) % 7 + 1; n; n--)
			len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
				parts[ruleset_next_random(&seed) % n_parts],
				n == 1 ? "" : ruleset_next_random(&seed) % 8 ? " " : "\t");
		if (ruleset_next_random(&seed) % 2)
			line[len++] = '\n';
		if (scan_may_matter((struct span){ line + 1, len - 1 })) {
			seen++;
			continue;
		}
		passed++;
		if (lexer_split(&w, (struct span){ line + 1, len - 1 }) < 0 ||
		    rule_parse(&r, &w, FAMILY_IPV6) < 0)
			continue;
		if ((r.target_name && (!strcmp(r.target_name, "MARK") ||
				       helper_parse(&op, r.target_name, strlen(r.target_name)))) ||
		    (r.chain && helper_parse(&op, r.chain, strlen(r.chain))) ||
		    (r.command && strchr("FX", r.command)))
			fail_msg("passed over: %s", line + 1);
	}
	assert_uint_in_range(passed, 10000, SIZE_MAX);
	assert_uint_in_range(seen, 10000, SIZE_MAX);
}

/* kube-proxy has a hundred thousand such rules, and two that matter. */
static void usual_rules_are_passed_over(void **state)
{
	static const char *const usual[] = {
		("-A KUBE-SVC-X -m comment --comment \"a/b cluster IP\" -p tcp --dport 80 "
		 "-j KUBE-MARK-MASQ\n"),
		"-A KUBE-SEP-X -s fd00::1/128 -j KUBE-MARK-MASQ\n", "-A KUBE-NODEPORTS -j RETURN",
		"-A KUBE-SVC-X -m statistic --mode random --probability 0.5 -j KUBE-SEP-X\n",
		"-I T 1 -j ACCEPT\n", "-D T 1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (scan_may_matter(span_of(usual[i])))
			fail_msg("looked at: %s", usual[i]);
}

/* Counters end at the first bracket that closes, if the line begins with one that opens. */
static void counters_are_taken_off(void **state)
{
	static const struct {
		const char *line, *want;
	} counted[] = {
		{ "[1:2] -A T", " -A T" }, { "[1:2]-A T", "-A T" }, { "[]", "" },
		{ "[a]b]c", "b]c" },
		{ "[1:2", "[1:2" }, { "-A T [1:2]", "-A T [1:2]" },
		{ " [1:2] -A T", " [1:2] -A T" },
		/* without a colon the rule's own ends the line; without bytes its bracket */
		{ "[] -A T --dport 1:2", " -A T --dport 1" }, { "[:5] -A T ::1", " -A T " },
		{ "[::] -A T --dport 1:2", " -A T --dport 1" },
		{ "[1:] -A T --comment a]b", " -A T --comment a" },
		{ "[1::] -A T --comment a]b", " -A T --comment a]b" },
		{ "[1:2:3] -A T ::1", " -A T ::1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (!span_is(scan_rule(span_of(counted[i].line)), counted[i].want))
			fail_msg("%s", counted[i].line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_read_as_iptables_reads_them),
		cmocka_unit_test(the_other_family_is_the_other_way_round),
		cmocka_unit_test(the_words_that_matter_are_known),
		cmocka_unit_test(nothing_that_matters_escapes_the_first_look),
		cmocka_unit_test(usual_rules_are_passed_over),
		cmocka_unit_test(counters_are_taken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
