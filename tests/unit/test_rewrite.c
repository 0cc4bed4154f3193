/* What is rewritten, and the properties that hold for every ruleset. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ruleset.h"

#define RANDOM_RULESETS 4000

static struct span of(const struct text *t)
{
	return (struct span){ t->at, t->len };
}

static void assert_same(struct span got, struct span want, const char *what, const char *name)
{
	if (!span_same(got, want))
		fail_msg("%s: %s:\n%.*s\n--- is not\n%.*s", name, what, SPAN_ARG(got), SPAN_ARG(want));
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

static void check_idempotent(struct span rules, const char *name)
{
	for (int c = CLASS_HEALTHY; c < CLASS_COUNT; c++) {
		struct text once = ruleset_rewrite(rules, c), twice = ruleset_rewrite(of(&once), c);

		assert_same(of(&twice), of(&once), "rewritten twice", name);
		text_release(&once);
		text_release(&twice);
	}
}

/* Folding what was rewritten means what the folded original does; compared in one spelling. */
static void check_fold(struct span rules, const char *name)
{
	struct text lost = ruleset_rewrite(rules, CLASS_TYPO);
	struct text lost_folded = ruleset_rewrite(of(&lost), CLASS_HEALTHY);
	struct text folded = ruleset_rewrite(rules, CLASS_HEALTHY);
	struct text got = ruleset_rewrite(of(&lost_folded), CLASS_TYPO);
	struct text want = ruleset_rewrite(of(&folded), CLASS_TYPO);

	assert_same(of(&got), of(&want), "fold and rewrite", name);
	text_release(&lost);
	text_release(&lost_folded);
	text_release(&folded);
	text_release(&got);
	text_release(&want);
}

/* One line in, one line out, and whatever is no MARK rule comes out as it went in. */
static void check_lines(struct span rules, const char *name)
{
	struct text lost = ruleset_rewrite(rules, CLASS_TYPO);
	struct text plain_was = without_helpers(rules), plain_is = without_helpers(of(&lost));
	struct span was = of(&plain_was), is = of(&plain_is), a, b;

	while (lexer_line(&was, &a)) {
		if (!lexer_line(&is, &b))
			fail_msg("%s: a line is missing: %.*s", name, SPAN_ARG(a));
		if (!memmem(a.at, a.len, "MA", 2) && !memmem(a.at, a.len, "M\\A", 3) &&
		    !memmem(a.at, a.len, "zz-mark-", 8))
			assert_same(b, a, "an untouched line", name);
	}
	assert_int_equal(is.len, 0);
	text_release(&lost);
	text_release(&plain_was);
	text_release(&plain_is);
}

static void check_all(struct span rules, const char *name)
{
	check_idempotent(rules, name);
	check_fold(rules, name);
	check_lines(rules, name);
}

static void properties_hold_for_what_real_programs_feed(void **state)
{
	(void)state;
	assert_in_range(ruleset_each_recorded(check_all), 250, 100000);
}

static void properties_hold_for_random_rulesets(void **state)
{
	uint32_t seed = 306117;
	char name[32];

	(void)state;
	for (int i = 0; i < RANDOM_RULESETS; i++) {
		struct text t;

		snprintf(name, sizeof(name), "seed %u", seed);
		t = ruleset_random(&seed);
		check_all(of(&t), name);
		text_release(&t);
	}
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
	  "*nat\n:T - [0:0]\n" HELPER JUMP "COMMIT\n", "*nat\n:T - [0:0]\n" HELPER JUMP "COMMIT\n" },
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
	{ "a comment", CLASS_TYPO, "*nat\n#" MARK "COMMIT\n", NULL },
	{ "a blank in front of COMMIT", CLASS_TYPO, "*nat\n COMMIT\n" MARK,
	  "*nat\n COMMIT\n" HELPER JUMP },
	{ "* with a blank", CLASS_TYPO, "* nat\n" MARK, "* nat\n" HELPER JUMP },
	{ "nothing", CLASS_TYPO, "", NULL },
};

static void rulesets_become_what_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *in = rows[i].in, *want = rows[i].want ? rows[i].want : in;
		struct text got = ruleset_rewrite(span_of(in), rows[i].class);

		/* the first rule of a saved helper has counters, the others not */
		assert_same(of(&got), span_of(want), "rewritten", rows[i].what);
		text_release(&got);
	}
}

/* Of the first change: fate, table, chain, line. */
static void changes_tell_where_they_are(void **state)
{
	static struct rewrite r;
	const struct kernel kernel = kernel_of_class(CLASS_TYPO);
	const struct form_order order = form_order_default();
	struct rewrite_job job = {
		.rules = span_of("*raw\n" MARK "COMMIT\n*nat\n\n-I X 2 -j MARK --set-mark 1\nCOMMIT\n"),
		.family = FAMILY_IPV6, .kernel = &kernel, .order = &order, .only_table = "nat",
	};
	struct rewrite_survey s;
	struct rewrite_piece p;
	struct err e;

	(void)state;
	rewrite_begin(&r, &job);
	do
		assert_int_equal(rewrite_next(&r, &p, &e), 1);
	while (!p.change);
	assert_int_equal(p.change->fate, REWRITE_CHANGED);
	assert_int_equal(p.change->table, TABLE_NAT);
	assert_string_equal(p.change->chain, "X");
	assert_int_equal(p.change->line, 6);
	assert_true(span_is(p.change->was, "-I X 2 -j MARK --set-mark 1"));
	assert_true(span_is(p.change->is, "-I X 2 -j zz-mark-1-ffffffff"));
	assert_int_equal(p.lines_in, 1);
	assert_int_equal(p.lines_out, 6);
	rewrite_end(&r);

	job.only_table = NULL;
	assert_int_equal(rewrite_survey(&s, &r, &job, &e), 0);
	assert_int_equal(s.lines, 7);
	assert_int_equal(s.changed, 1);
	assert_int_equal(s.stuck, 1);
	assert_true(s.differs);
}

/* A piece of 10,239 bytes without newline: what follows must begin where it did. */
static void over_long_lines_keep_their_length(void **state)
{
	struct text t = { 0 }, got;
	size_t at;

	(void)state;
	text_puts(&t, "*nat\n-A T -j MARK --set-mark 0x12345/0x1");
	while (t.len < 5 + LEXER_LINE_MAX)
		text_puts(&t, " ");
	text_puts(&t, "-A U -j ACCEPT\nCOMMIT\n");
	got = ruleset_rewrite(of(&t), CLASS_TYPO);
	at = (size_t)((char *)memmem(got.at, got.len, "-A T -j zz", 10) - got.at);
	assert_memory_equal(got.at + at + LEXER_LINE_MAX, "-A U -j ACCEPT\n", 15);
	text_release(&t);
	text_release(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rulesets_become_what_they_should),
		cmocka_unit_test(changes_tell_where_they_are),
		cmocka_unit_test(over_long_lines_keep_their_length),
		cmocka_unit_test(properties_hold_for_what_real_programs_feed),
		cmocka_unit_test(properties_hold_for_random_rulesets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
