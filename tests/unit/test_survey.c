/* What is told of each MARK rule, and what a whole rewrite comes to. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ruleset.h"

static const char *const fates[] = {
	[REWRITE_CHANGED] = "changed", [REWRITE_STUCK] = "stuck", [REWRITE_KEPT] = "kept",
};

static const struct row {
	const char *what;
	enum kernel_class class;
	enum family family;
	const char *only;
	bool tell_kept;
	const char *rules;
	/* "LINE TABLE CHAIN FATE FORM OPERATION: WAS > IS, WHY;" for each */
	const char *want;
} rows[] = {
	{ "a rule", CLASS_TYPO, FAMILY_IPV6, NULL, false,
	  "*nat\n\n[1:2] -I X 2 -j MARK --set-mark 1\nCOMMIT\n",
	  "3 nat X changed connmark 1/ffffffff: [1:2] -I X 2 -j MARK --set-mark 1 > "
	  "[1:2] -I X 2 -j zz-mark-1-ffffffff, the kernel has no MARK for IPv6;" },
	{ "lines of helpers do not count", CLASS_TYPO, FAMILY_IPV6, NULL, false,
	  "*nat\n-A X -j MARK --or 1\n# x\n-A Y -j MARK --or 1",
	  "2 nat X changed connmark 1/1: -A X -j MARK --or 1 > -A X -j zz-mark-1-1, "
	  "the kernel has no MARK for IPv6;"
	  "4 nat Y changed connmark 1/1: -A Y -j MARK --or 1 > -A Y -j zz-mark-1-1, "
	  "the kernel has no MARK for IPv6;" },
	{ "raw", CLASS_TYPO, FAMILY_IPV6, NULL, false, "*raw\n-A X -j MARK --or 1\nCOMMIT\n",
	  "2 raw X stuck - 1/1: -A X -j MARK --or 1 > -A X -j MARK --or 1, "
	  "the kernel has no MARK for IPv6, and no form that the configuration allows works in table raw;" },
	{ "a table that no kernel has", CLASS_TYPO, FAMILY_IPV6, NULL, false,
	  "*odd\n-A X -j MARK --or 1\n",
	  "2 unknown X stuck - 1/1: -A X -j MARK --or 1 > -A X -j MARK --or 1, "
	  "the kernel has no MARK for IPv6, and no form that the configuration allows works in table unknown;" },
	{ "nft-only", CLASS_NFT_ONLY, FAMILY_IPV6, NULL, false, "*nat\n-A X -j MARK --or 1\n",
	  "2 nat X stuck - 1/1: -A X -j MARK --or 1 > -A X -j MARK --or 1, "
	  "the kernel has no MARK for IPv6, and no form that the configuration allows works in table nat;" },
	{ "the other family", CLASS_TYPO, FAMILY_IPV4, NULL, false,
	  "*nat\n-A X -j MARK --or 1\n", "" },
	{ "no module", CLASS_NO_MODULE, FAMILY_IPV4, NULL, false, "*nat\n-A X -j MARK --x 1\n",
	  "2 nat X changed connmark 1/0: -A X -j MARK --x 1 > -A X -j zz-mark-1-0, "
	  "the kernel has no MARK for IPv4;" },
	{ "a mask that is refused", CLASS_MASKREJECT, FAMILY_IPV6, NULL, true,
	  "*nat\n-A X -j MARK --or 1\n-A X -j MARK --set-mark 1\n",
	  "2 nat X changed connmark 1/1: -A X -j MARK --or 1 > -A X -j zz-mark-1-1, "
	  "the kernel refuses masks in MARK for IPv6;"
	  "3 nat X kept - 1/ffffffff: -A X -j MARK --set-mark 1 > -A X -j MARK --set-mark 1, "
	  "nothing tells that the kernel refuses it;" },
	{ "kept rules are told of if wanted", CLASS_HEALTHY, FAMILY_IPV6, NULL, true,
	  "*nat\n-A X -j MARK --or 1\n-A X -j ACCEPT\n-j MARK --or 1\n",
	  "2 nat X kept - 1/1: -A X -j MARK --or 1 > -A X -j MARK --or 1, "
	  "nothing tells that the kernel refuses it;" },
	{ "and else not", CLASS_HEALTHY, FAMILY_IPV6, NULL, false,
	  "*nat\n-A X -j MARK --or 1\n", "" },
	{ "no answer is no `no'", CLASS_UNKNOWN, FAMILY_IPV6, NULL, true,
	  "*nat\n-A X -j MARK --or 1\n",
	  "2 nat X kept - 1/1: -A X -j MARK --or 1 > -A X -j MARK --or 1, "
	  "nothing tells that the kernel refuses it;" },
	{ "a jump to a helper", CLASS_TYPO, FAMILY_IPV6, NULL, true,
	  "*nat\n-A X -j zz-mark-1-1\n", "" },
	{ "one that is stuck", CLASS_NFT_ONLY, FAMILY_IPV6, NULL, true,
	  "*nat\n-A X -j zz-mark-1-1\n", "" },
	{ "one that is folded", CLASS_HEALTHY, FAMILY_IPV6, NULL, true,
	  "*nat\n-A X -j zz-mark-1-1\n", "" },
	{ "mistakes", CLASS_TYPO, FAMILY_IPV6, NULL, true,
	  "*nat\n-A X -j MARK --or 08\n-A X -j MARK\n-j MARK --or 1\n-A X -j MARK --or 1 x\n", "" },
	{ "one table", CLASS_TYPO, FAMILY_IPV6, "mangle", true,
	  "*nat\n-A X -j MARK --or 1\nCOMMIT\n*mangle\n-A X -j MARK --or 1\nCOMMIT\n"
	  "*raw\n-A X -j MARK --or 1\nCOMMIT\n",
	  "5 mangle X changed connmark 1/1: -A X -j MARK --or 1 > -A X -j zz-mark-1-1, "
	  "the kernel has no MARK for IPv6;" },
};

static struct rewrite_job job_of(const struct row *row, const struct kernel *kernel,
				 const struct form_order *order)
{
	return (struct rewrite_job){
		.rules = span_of(row->rules), .family = row->family, .kernel = kernel,
		.order = order, .only_table = row->only, .tell_kept = row->tell_kept,
	};
}

static void tell(struct text *to, const struct rewrite_change *c, enum family family)
{
	char why[REWRITE_WHY_MAX];

	rewrite_why(why, c, family);
	text_printf(to, "%zu %s %s %s %s %x/%x: %.*s > %.*s, %s;", c->line, table_name(c->table),
		    c->chain, fates[c->fate], c->form ? c->form->name : "-", c->op.value,
		    c->op.mask, SPAN_ARG(c->was), SPAN_ARG(c->is), why);
}

static void each_mark_rule_is_told_of(void **state)
{
	const struct form_order order = ruleset_order();
	static struct rewrite r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kernel kernel = kernel_of_class(rows[i].class);
		const struct rewrite_job job = job_of(&rows[i], &kernel, &order);
		OWN_TEXT struct text got = { 0 }, want = { 0 };
		struct rewrite_piece p;
		struct err e;

		text_printf(&got, "%s: ", rows[i].what);
		text_printf(&want, "%s: %s", rows[i].what, rows[i].want);
		rewrite_begin(&r, &job);
		while (rewrite_next(&r, &p, &e) == 1)
			if (p.change)
				tell(&got, p.change, rows[i].family);
		rewrite_end(&r);
		assert_string_equal(got.at, want.at);
	}
}

/* The pieces of the input are the input, and each is where its line number says. */
static void pieces_follow_each_other(void **state)
{
	const struct form_order order = ruleset_order();
	static struct rewrite r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kernel kernel = kernel_of_class(rows[i].class);
		const struct rewrite_job job = job_of(&rows[i], &kernel, &order);
		const char *at = job.rules.at;
		struct rewrite_piece p;
		struct span line;
		size_t n = 0;
		struct err e;

		rewrite_begin(&r, &job);
		while (rewrite_next(&r, &p, &e) == 1) {
			assert_ptr_equal(p.in.at, at);
			at += p.in.len;
			if (p.change)
				assert_int_equal(p.line, n + 1);
			for (struct span rest = p.in; lexer_line(&rest, &line);)
				n++;
		}
		assert_ptr_equal(at, job.rules.at + job.rules.len);
		assert_int_equal(rewrite_next(&r, &p, &e), 0);
		rewrite_end(&r);
	}
}

static void a_survey_counts(void **state)
{
	static const struct {
		enum kernel_class class;
		const char *rules;
		size_t lines, changed, stuck;
		bool differs;
	} surveys[] = {
		{ CLASS_TYPO, "", 0, 0, 0, false },
		{ CLASS_TYPO, "*nat\n-A X -j ACCEPT\nCOMMIT", 3, 0, 0, false },
		{ CLASS_TYPO, "*nat\n-A X -j MARK --or 1\nCOMMIT\n*raw\n-A X -j MARK --or 1\n"
		  "-A X -j MARK --or 2\nCOMMIT\n", 7, 1, 2, true },
		{ CLASS_TYPO, "*raw\n-A X -j MARK --or 1\n", 2, 0, 1, false },
		{ CLASS_HEALTHY, "*nat\n-A X -j MARK --or 1\n", 2, 0, 0, false },
		{ CLASS_HEALTHY, "*nat\n-A X -j zz-mark-1-1\n", 2, 0, 0, true },
		/* only bytes that go, and only at the end */
		{ CLASS_HEALTHY, "*nat\n:zz-mark-1-1 - [0:0]\n", 2, 0, 0, true },
		/* a saved helper comes out as it went in */
		{ CLASS_TYPO, "*nat\n:zz-mark-0-1 - [0:0]\n"
		  "-A zz-mark-0-1 -j CONNMARK --restore-mark --nfmask 0x1 --ctmask 0x1\n"
		  "-A zz-mark-0-1 -j CONNMARK --restore-mark --nfmask 0x0 --ctmask 0x1\n"
		  "-A X -j zz-mark-0-1\nCOMMIT\n", 6, 0, 0, false },
	};
	const struct form_order order = ruleset_order();
	static struct rewrite r;

	(void)state;
	for (size_t i = 0; i < sizeof(surveys) / sizeof(surveys[0]); i++) {
		const struct kernel kernel = kernel_of_class(surveys[i].class);
		const struct rewrite_job job = {
			.rules = span_of(surveys[i].rules), .family = FAMILY_IPV6,
			.kernel = &kernel, .order = &order,
		};
		char got[512], want[512];
		struct rewrite_survey s;
		struct err e;

		assert_int_equal(rewrite_survey(&s, &r, &job, &e), 0);
		snprintf(got, sizeof(got), "%s: %zu lines, %zu changed, %zu stuck, %d",
			 surveys[i].rules, s.lines, s.changed, s.stuck, s.differs);
		snprintf(want, sizeof(want), "%s: %zu lines, %zu changed, %zu stuck, %d",
			 surveys[i].rules, surveys[i].lines, surveys[i].changed, surveys[i].stuck,
			 surveys[i].differs);
		assert_string_equal(got, want);
	}
}

/* What has to be made beside rules, when, and only once for each table. */
static void parts_are_told_with_the_survey(void **state)
{
	static const char rules[] = "*mangle\n-A T -j MARK --or-mark 1\n-A T -j MARK --or-mark 1\n"
		"COMMIT\n*raw\n-A T -j MARK --or-mark 2\n-F\n-A T -j MARK --or-mark 2\n"
		"-A T -j MARK --or-mark 4\n-X\n-A T -j MARK --or-mark 2\nCOMMIT\n";
	const struct form_order order = form_order_default();
	const struct kernel k = kernel_of_class(CLASS_TYPO);
	struct rewrite_job job = {
		.rules = span_of(rules), .family = FAMILY_IPV6, .backend = BACKEND_NFT, .kernel = &k,
		.order = &order,
	};
	static struct rewrite r;
	struct rewrite_survey survey;
	struct err e;

	(void)state;
	assert_int_equal(rewrite_survey(&survey, &r, &job, &e), 0);
	assert_string_equal(survey.parts.before.at, "set 1 1\n");
	assert_string_equal(survey.parts.after.at, "chain raw 2 2\nchain raw 2 2\nchain raw 4 4\n"
			    "chain raw 2 2\n");
	rewrite_survey_release(&survey);
	job.noflush = true;
	assert_int_equal(rewrite_survey(&survey, &r, &job, &e), 0);
	assert_string_equal(survey.parts.before.at, "set 1 1\nchain raw 2 2\n");
	/* none is filled before a -F that would empty it */
	assert_string_equal(survey.parts.after.at, "chain raw 2 2\nchain raw 4 4\nchain raw 2 2\n");
	rewrite_survey_release(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mark_rule_is_told_of),
		cmocka_unit_test(pieces_follow_each_other),
		cmocka_unit_test(parts_are_told_with_the_survey),
		cmocka_unit_test(a_survey_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
