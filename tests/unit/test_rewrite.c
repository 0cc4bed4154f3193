/* What is rewritten, and the properties that hold for every ruleset. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "range.h"
#include "ruleset.h"

/* Sanitizers take ten times as long, and have random rulesets from tests/fuzz as well. */
#ifdef SANITIZED
#define RANDOM_RULESETS 100
#else
#define RANDOM_RULESETS 1000
#endif

static struct span of(const struct text *t)
{
	return (struct span){ t->at, t->len };
}

static void assert_same(struct span got, struct span want, const char *what, const char *name)
{
	if (!span_same(got, want))
		fail_msg("%s: %s:\n%.*s\n--- is not\n%.*s", name, what, SPAN_ARG(got),
			 SPAN_ARG(want));
}

/* The ruleset without the lines of helper chains. */
static struct text without_helpers(struct span rules)
{
	struct text kept = { 0 };
	struct span line;

	text_add(&kept, "", 0);
	while (lexer_line(&rules, &line))
		if (!span_starts(line, ":zz-mark-") && !span_starts(line, "-A zz-mark-"))
			text_span(&kept, line);
	return kept;
}

typedef void taker(const char *text, regmatch_t m[], uint64_t *sum);

/* Cuts what `pattern` finds out of the text, as often as it is there; `took` gets each. */
static void cut(char *text, const char *pattern, taker *took, uint64_t *sum)
{
	regmatch_t m[5];
	regex_t re;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED), 0);
	while (regexec(&re, text, 5, m, 0) == 0) {
		if (took)
			took(text, m, sum);
		memmove(text + m[0].rm_so, text + m[0].rm_eo, strlen(text + m[0].rm_eo) + 1);
	}
	regfree(&re);
}

static void add_op(uint64_t *sum, uint32_t value, uint32_t mask)
{
	*sum += ((uint64_t)value << 32 | mask) * 0x9e3779b97f4a7c15u + 1;
}

/* An option of MARK, as iptables-extensions(8) explains it. */
static void took_option(const char *text, regmatch_t m[], uint64_t *sum)
{
	const char *name = text + m[1].rm_so;
	uint32_t v = (uint32_t)strtoull(text + m[2].rm_so, NULL, 0);
	uint32_t given = m[4].rm_so < 0 ? UINT32_MAX
		: (uint32_t)strtoull(text + m[4].rm_so, NULL, 0);

	if (!strncmp(name, "set-x", 5))
		add_op(sum, v, given);
	else if (!strncmp(name, "set-m", 5))
		add_op(sum, v, v | given);
	else if (*name == 'o')
		add_op(sum, v, v);
	else
		add_op(sum, *name == 'x' ? v : 0, *name == 'x' ? 0 : ~v);
}

static void took_helper(const char *text, regmatch_t m[], uint64_t *sum)
{
	add_op(sum, (uint32_t)strtoul(text + m[1].rm_so, NULL, 16),
	       (uint32_t)strtoul(text + m[2].rm_so, NULL, 16));
}

/*
 * A line in one spelling: no quotes and blanks, no MARK and no helper's name, and
 * the operations it names as one number.  MARK's options may be short here.
 */
static struct text plain(struct span line)
{
	struct text t = { 0 };
	uint64_t sum = 0;

	line = lexer_visible(line);
	text_add(&t, "", 0);
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] != '"' && line.at[i] != '\\')
			text_add(&t, line.at + i, 1);
	cut(t.at, "zz-mark-([0-9a-f]{1,8})-([0-9a-f]{1,8})", took_helper, &sum);
	cut(t.at, "--(set-[xm][a-z]*|and?[a-z-]*|or[a-z-]*|xo?r?[a-z-]*)[= \t]+([+0-9a-zA-Z]+)"
	    "(/[ \t]*([+0-9a-zA-Z]+))?", took_option, &sum);
	cut(t.at, "MARK|[ \t\n]", NULL, NULL);
	t.len = strlen(t.at);
	text_printf(&t, " %llx", (unsigned long long)sum);
	return t;
}

/* A rule for IPv4, which ip6tables-restore passes over. */
static bool is_ignored(struct span line)
{
	return memmem(line.at, line.len, " -4", 3) || memmem(line.at, line.len, "--ipv4", 6);
}

static size_t lines_changed;

/* One line for each, the very same or the same in one spelling with a helper in it. */
static void check_same_meaning(struct span was, struct span is, const char *name)
{
	struct text plain_was = without_helpers(was), plain_is = without_helpers(is);
	struct span a, b;

	was = of(&plain_was);
	is = of(&plain_is);
	while (lexer_line(&was, &a)) {
		struct text x, y;

		if (!lexer_line(&is, &b))
			fail_msg("%s: a line is missing: %.*s", name, SPAN_ARG(a));
		if (span_same(a, b) || (is_ignored(a) && is_ignored(b)))
			continue;
		lines_changed++;
		if (!memmem(a.at, a.len, "zz-mark-", 8) && !memmem(b.at, b.len, "zz-mark-", 8) &&
		    !memmem(b.at, b.len, "--set-xmark 0x", 14))
			fail_msg("%s: changed for nothing: %.*s", name, SPAN_ARG(b));
		x = plain(a);
		y = plain(b);
		assert_same(of(&y), of(&x), "one line", name);
		text_release(&x);
		text_release(&y);
	}
	assert_int_equal(is.len, 0);
	text_release(&plain_was);
	text_release(&plain_is);
}

static void check_idempotent(struct span rules, const char *name)
{
	for (int c = CLASS_HEALTHY; c < CLASS_COUNT; c++) {
		struct text once = ruleset_rewrite(rules, c), twice = ruleset_rewrite(of(&once), c);

		assert_same(of(&twice), of(&once), "rewritten twice", name);
		text_release(&once);
		text_release(&twice);
	}
}

/* Rewritten, and folded again, it means the same to every class. */
static void check_meaning(struct span rules, const char *name)
{
	for (int c = CLASS_UNKNOWN; c < CLASS_COUNT; c++) {
		struct text lost = ruleset_rewrite(rules, c);
		struct text folded = ruleset_rewrite(of(&lost), CLASS_HEALTHY);

		check_same_meaning(rules, of(&lost), name);
		check_same_meaning(rules, of(&folded), name);
		text_release(&lost);
		text_release(&folded);
	}
}

/* Where MARK is there, or not asked for, or has no form, every byte stays. */
static void check_untouched(struct span rules, const char *name)
{
	static const enum kernel_class classes[] = { CLASS_UNKNOWN, CLASS_HEALTHY, CLASS_NFT_ONLY };

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		struct text got = ruleset_rewrite(rules, classes[i]);

		if (classes[i] == CLASS_HEALTHY ? !memmem(rules.at, rules.len, "zz-mark-", 8)
		    : !is_ignored(rules))
			assert_same(of(&got), rules, class_name(classes[i]), name);
		text_release(&got);
	}
}

static void check_all(struct span rules, const char *name)
{
	check_idempotent(rules, name);
	check_meaning(rules, name);
	check_untouched(rules, name);
}

static void properties_hold_for_what_real_programs_feed(void **state)
{
	(void)state;
	lines_changed = 0;
	assert_uint_in_range(ruleset_each_recorded(check_all), 250, 100000);
	/* so that this is no test of nothing */
	assert_uint_in_range(lines_changed, 1000, SIZE_MAX);
}

static void properties_hold_for_random_rulesets(void **state)
{
	uint32_t seed = 306117;
	char name[32];

	(void)state;
	print_message("seed %u\n", seed);
	lines_changed = 0;
	for (int i = 0; i < RANDOM_RULESETS; i++) {
		struct text t;

		snprintf(name, sizeof(name), "seed %u", seed);
		t = ruleset_random(&seed);
		check_all(of(&t), name);
		text_release(&t);
	}
	assert_uint_in_range(lines_changed, RANDOM_RULESETS, SIZE_MAX);
}

/* The helper of 4000/4000, as connmark says it. */
#define HELPER ":zz-mark-4000-4000 - [0:0]\n" HELPER_RULES
#define HELPER_RULES \
	"-A zz-mark-4000-4000 -j CONNMARK --restore-mark --nfmask 0x4000 --ctmask 0x4000\n" \
	"-A zz-mark-4000-4000 -j CONNMARK --set-xmark 0x4000/0x0\n" \
	"-A zz-mark-4000-4000 -j CONNMARK --restore-mark --nfmask 0x0 --ctmask 0x4000\n" \
	"-A zz-mark-4000-4000 -j CONNMARK --set-xmark 0x4000/0x0\n"
#define MARK "-A T -j MARK --or-mark 0x4000\n"
#define JUMP "-A T -j zz-mark-4000-4000\n"

static const struct {
	const char *what;
	enum kernel_class class;
	const char *in, *want;		/* want NULL: as it was */
} rows[] = {
	{ "a rule", CLASS_TYPO, "*nat\n" MARK "COMMIT\n", "*nat\n" HELPER JUMP "COMMIT\n" },
	{ "two rules, one helper", CLASS_TYPO,
	  "*nat\n" MARK "#\n" MARK "COMMIT\n", "*nat\n" HELPER JUMP "#\n" JUMP "COMMIT\n" },
	{ "a helper for each table", CLASS_TYPO,
	  "*nat\n" MARK "COMMIT\n*mangle\n" MARK "COMMIT\n",
	  "*nat\n" HELPER JUMP "COMMIT\n*mangle\n" HELPER JUMP "COMMIT\n" },
	{ "the same table again", CLASS_TYPO,
	  "*nat\n" MARK "COMMIT\n*nat\n" MARK "COMMIT\n",
	  "*nat\n" HELPER JUMP "COMMIT\n*nat\n" HELPER JUMP "COMMIT\n" },
	{ "a flush in between", CLASS_TYPO,
	  "*nat\n" MARK "-F\n" MARK "COMMIT\n",
	  "*nat\n" HELPER JUMP "-F\n" HELPER_RULES JUMP "COMMIT\n" },
	{ "a flush and a delete in between", CLASS_TYPO,
	  "*nat\n" MARK "-F\n-X\n:T -\n" MARK "COMMIT\n",
	  "*nat\n" HELPER JUMP "-F\n-X\n:T -\n" HELPER JUMP "COMMIT\n" },
	{ "spacing and counters", CLASS_TYPO,
	  "*nat\n[1:2] -A T  -j MARK   --or-mark 0x4000\t-m x \nCOMMIT",
	  "*nat\n" HELPER "[1:2] -A T  -j zz-mark-4000-4000\t-m x \nCOMMIT" },
	{ "glued words", CLASS_TYPO,
	  "*nat\n-A T -j \"MARK\"--or-mark \"0x4000\"-m x\nCOMMIT\n",
	  "*nat\n" HELPER "-A T -j \"zz-mark-4000-4000\" -m x\nCOMMIT\n" },
	{ "--jump=", CLASS_TYPO, "*nat\n-A T --jump=MARK --or-mark=0x4000\nCOMMIT\n",
	  "*nat\n" HELPER "-A T --jump=zz-mark-4000-4000\nCOMMIT\n" },
	{ "a mask of all ones, maskreject", CLASS_MASKREJECT,
	  "*nat\n-A T -j MARK --set-mark 1\n" MARK "COMMIT\n",
	  "*nat\n-A T -j MARK --set-mark 1\n" HELPER JUMP "COMMIT\n" },
	{ "a saved helper", CLASS_TYPO,
	  "*nat\n:T - [0:0]\n" HELPER JUMP "COMMIT\n", NULL },
	{ "a helper saved in -save's order", CLASS_TYPO,
	  "*nat\n:T - [0:0]\n:zz-mark-4000-4000 - [0:0]\n" JUMP "[7:8] " HELPER_RULES "COMMIT\n",
	  "*nat\n:T - [0:0]\n" HELPER JUMP "COMMIT\n" },
	{ "folding", CLASS_HEALTHY, "*nat\n:T - [0:0]\n" HELPER JUMP "COMMIT\n",
	  "*nat\n:T - [0:0]\n-A T -j MARK --set-xmark 0x4000/0x4000\nCOMMIT\n" },
	{ "folding in quotes", CLASS_HEALTHY, "*nat\n-A T -j \"zz-mark-1-2\"-m x\nCOMMIT\n",
	  "*nat\n-A T -j \"MARK\" --set-xmark 0x1/0x2 -m x\nCOMMIT\n" },
	{ "a helper that nothing could replace", CLASS_TYPO,
	  "*raw\n:T - [0:0]\n" HELPER JUMP "COMMIT\n", NULL },
	{ "raw", CLASS_TYPO, "*raw\n" MARK "COMMIT\n", NULL },
	{ "a table that no kernel has", CLASS_TYPO, "*odd\n" MARK "COMMIT\n", NULL },
	{ "no form", CLASS_NFT_ONLY, "*nat\n" MARK "COMMIT\n", NULL },
	{ "healthy", CLASS_HEALTHY, "*nat\n" MARK "COMMIT\n", NULL },
	{ "a chain called MARK", CLASS_TYPO, "*nat\n:MARK -\n" MARK "COMMIT\n", NULL },
	{ "outside of a table", CLASS_TYPO, MARK "*nat\nCOMMIT\n" MARK, NULL },
	{ "the other family", CLASS_TYPO, "*nat\n-4 -A T -j MARK --or-mark 1\nCOMMIT\n", NULL },
	{ "the other family, said too late", CLASS_TYPO,
	  "*nat\n-A T -j MARK --or-mark 1 -m x -4\n-A T -jMARK --or-mark=1 -4\nCOMMIT\n",
	  "*nat\n-A T -m x -4\n-A T -4\nCOMMIT\n" },
	{ "the other family, told of where no rule belongs", CLASS_TYPO,
	  "*nat\n-N T -j MARK --or-mark 1 -4\n-j MARK --or-mark 1 -4\n-N T -j MARK --or 1\n",
	  "*nat\n-N T -4\n -4\n-N T -j MARK --or 1\n" },
	{ "a chain called CONNMARK", CLASS_TYPO,
	  "*nat\n:CONNMARK -\nCOMMIT\n*mangle\n" MARK "COMMIT\n", NULL },
	{ "emptying a helper by name", CLASS_TYPO, "*nat\n" HELPER JUMP "-F zz-mark-4000-4000\n",
	  NULL },
	{ "deleting a helper by name", CLASS_TYPO, "*nat\n-X zz-mark-4000-4000\nCOMMIT\n", NULL },
	{ "renaming a helper", CLASS_TYPO, "*nat\n-E zz-mark-1-1 T\n-E T zz-mark-1-1\n", NULL },
	{ "the match, which is missing too", CLASS_NO_MODULE,
	  "*nat\n-A T -m mark --mark 1 -j RETURN\n-A T -m mark --mark 2 -j MARK --or-mark 1\n", NULL },
	{ "no such match", CLASS_NO_MODULE, "*nat\n" MARK "COMMIT\n", "*nat\n" HELPER JUMP "COMMIT\n" },
	{ "a comment", CLASS_TYPO, "*nat\n#" MARK "COMMIT\n", NULL },
	{ "a blank in front of COMMIT", CLASS_TYPO, "*nat\n COMMIT\n" MARK,
	  "*nat\n COMMIT\n" HELPER JUMP },
	{ "* with a blank", CLASS_TYPO, "* nat\n" MARK, "* nat\n" HELPER JUMP },
	{ "COMMIT and more", CLASS_TYPO, "*nat\nCOMMIT x\n" MARK, "*nat\nCOMMIT x\n" HELPER JUMP },
	{ "* in a table", CLASS_TYPO, "*nat\n*raw\n" MARK, "*nat\n*raw\n" HELPER JUMP },
	{ "a blank before *", CLASS_TYPO, " *nat\n" MARK, NULL },
	{ "going to a helper", CLASS_HEALTHY, "*nat\n-A T -g zz-mark-1-1\nCOMMIT\n", NULL },
	{ "a chain called MARK in another table", CLASS_TYPO,
	  "*nat\n:MARK -\nCOMMIT\n*mangle\n" MARK "COMMIT\n", NULL },
	{ "-N MARK, which nobody takes", CLASS_TYPO, "*nat\n-N MARK\n" MARK "COMMIT\n",
	  "*nat\n-N MARK\n" HELPER JUMP "COMMIT\n" },
	{ "a flush of one chain", CLASS_TYPO, "*nat\n" MARK "-F T\n-X U\n" MARK "COMMIT\n",
	  "*nat\n" HELPER JUMP "-F T\n-X U\n" JUMP "COMMIT\n" },
	{ "a helper's counters", CLASS_TYPO, "*nat\n:zz-mark-4000-4000 - [3:4]\n[5:6] " MARK,
	  "*nat\n" HELPER "[5:6] " JUMP },
	{ "the names of helpers that are none", CLASS_TYPO,
	  "*nat\n:zz-mark-04000-4000 -\n:zz-mark- -\n-A zz-mark-1 -j zz-mark-01-1\n", NULL },
	{ "nothing", CLASS_TYPO, "", NULL },
};

static void rulesets_become_what_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *in = rows[i].in, *want = rows[i].want ? rows[i].want : in;
		struct text got = ruleset_rewrite(span_of(in), rows[i].class);

		assert_same(of(&got), span_of(want), "rewritten", rows[i].what);
		text_release(&got);
	}
}

/* A NUL ends what is seen of a line, but its bytes stay. */
static void what_follows_a_nul_stays(void **state)
{
	static const char in[] = "*nat\0x\n-A T -j MARK --or-mark 0x4000\0x\nCOMMIT\0x\n" MARK;
	static const char want[] = "*nat\0x\n" HELPER
		"-A T -j zz-mark-4000-4000\0x\nCOMMIT\0x\n" MARK;
	struct text got = ruleset_rewrite((struct span){ in, sizeof(in) - 1 }, CLASS_TYPO);

	(void)state;
	assert_same(of(&got), (struct span){ want, sizeof(want) - 1 }, "rewritten", "NUL");
	text_release(&got);
}

/* Every operation has one helper, however many there are, and however alike they look. */
static void many_operations_have_a_helper_each(void **state)
{
	struct text in = { 0 }, got;
	size_t helpers = 0;

	(void)state;
	text_puts(&in, "*mangle\n");
	for (int twice = 0; twice < 2; twice++) {
		uint32_t seed = 1;	/* whose numbers do not come again so soon */

		for (int i = 0; i < 5000; i++)
			text_printf(&in, "-A T -j MARK --set-xmark %d/%u\n", i % 3,
				    ruleset_next_random(&seed));
	}
	got = ruleset_rewrite(of(&in), CLASS_TYPO);
	for (const char *at = got.at; (at = strstr(at, ":zz-mark-")); at++)
		helpers++;
	assert_int_equal(helpers, 5000);
	check_same_meaning(of(&in), of(&got), "many operations");
	text_release(&in);
	text_release(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rulesets_become_what_they_should),
		cmocka_unit_test(what_follows_a_nul_stays),
		cmocka_unit_test(many_operations_have_a_helper_each),
		cmocka_unit_test(properties_hold_for_what_real_programs_feed),
		cmocka_unit_test(properties_hold_for_random_rulesets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
