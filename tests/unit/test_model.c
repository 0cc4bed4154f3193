/*
 * Made-up rulesets, put together along with what each class of kernel must get:
 * the rewriter against a model that knows how every line was meant.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "range.h"
#include "ruleset.h"

#define RULESETS 6000
#define SEED 20241009
#define ALL 0xffffffff
#define FGETS 10239		/* bytes of a line that are read at once */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A target as written; `head`, a name and `tail` are what it becomes. */
static const struct spelling {
	const char *given;
	uint32_t value, mask;
	const char *head, *tail;
	bool brittle;			/* a byte glued to its end makes it another thing */
	bool jump;			/* to a helper chain that the input has already */
} spellings[] = {
	{ "-j MARK --set-mark 1", 1, ALL, "-j ", "", true, false },
	{ "-j MARK --set-mark 4294967295", ALL, ALL, "-j ", "", true, false },
	{ "--jump MARK --xor 040000", 0x4000, 0, "--jump ", "", true, false },
	{ "-j  MARK\t --or-mark\t0x4000", 0x4000, 0x4000, "-j  ", "", true, false },
	{ "-j \"MARK\"--set-mark 0x2/0xf", 2, 0xf, "-j \"", "\"", true, false },
	{ "-j MA\"RK\" --and-mark 7", 0, 0xfffffff8, "-j \"", "\"", true, false },
	{ "-j \"M\\ARK\" --or 1", 1, 1, "-j \"", "\"", true, false },
	{ "-j \"MAR\\K\" --x 1", 1, 0, "-j \"", "\"", true, false },
	{ "-j MAR\"K\" --x 1", 1, 0, "-j \"", "\"", true, false },
	{ "-j MARK\t--set-mark 010", 8, ALL, "-j ", "", true, false },
	{ "-jMARK --set-x 3/1", 3, 1, "-j", "", true, false },
	{ "-vjMARK --set-mark=0/0x10000", 0, 0x10000, "-vj", "", true, false },
	{ "--j=MARK --set-xmark=0xfF/3", 0xff, 3, "--j=", "", true, false },
	{ "--jump=\"MARK\" --set-mark \"5\"-m comment --comment 1", 5, ALL, "\"--jump=",
	  "\" -m comment --comment 1", false, false },
	{ "-j MARK -m comment --comment y --set-xmark 0x4000/0x4000", 0x4000, 0x4000, "-j ",
	  " -m comment --comment y", true, false },
	{ "-j MARK --set-xmark 0/0 -m comment --comment \"MARK --or 1\"", 0, 0, "-j ",
	  " -m comment --comment \"MARK --or 1\"", true, false },
	{ "-j zz-mark-1-1", 1, 1, "-j ", "", true, true },
	{ "--jump=zz-mark-4000-4000 -m comment --comment z", 0x4000, 0x4000, "--jump=",
	  " -m comment --comment z", false, true },
	{ "-j \"zz-mark-2-ffffffff\"-p tcp", 2, ALL, "-j \"", "\"-p tcp", false, true },
};

/* Targets that are none of ours, and mistakes: the rule stays. */
static const char *const others[] = {
	"-j ACCEPT", "-j KUBE-MARK-MASQ", "-g MARK", "-j MARK", "-j MARK --set-mark 08", "",
	"-j MARK --set 1", "-j mark", "-j zz-mark-01-1", "-g zz-mark-01-1", "-jMARKX --set-mark 1",
	"-j MARK --set-mark 1 -j ACCEPT", "-j MARK --set-mark 1 --or-mark 1",
	"-t nat -j MARK --or 1",
	"-j \"MARK \" --set-mark 1", "-j \"MA\"RK --set-mark 1", "-j MARK ! --set-mark 1",
	"-j \\MARK --set-mark 1", "-j 'MARK' --set-mark 1", "-j MARK\r --set-mark 1",
};

enum keeps { NEVER, ON_IPV4, ON_IPV6, ALWAYS };	/* where this lets the rule be as it is */

static const struct {
	const char *text;
	enum keeps keeps;
} heads[] = {
	{ "-A T ", NEVER }, { "-A OUTPUT ", NEVER }, { "[1:2] -A T ", NEVER }, { "-AT ", NEVER },
	{ "[1:2]-I T ", NEVER }, { "\t-A T ", NEVER }, { "-A\tT\t", NEVER }, { "-I T 1 ", NEVER },
	{ "-R T 1 ", NEVER }, { "-C T ", NEVER }, { "-D T ", NEVER }, { "--append T ", NEVER },
	{ "-A T -c 5 6 ", NEVER }, { "-6 -A T ", ON_IPV4 }, { "-4 -A T ", ON_IPV6 },
	{ "[] ]-A T ", ALWAYS }, { "-N T ", ALWAYS }, { "-F T ", ALWAYS }, { "", ALWAYS },
	{ "-A T -A U ", ALWAYS }, { "#", ALWAYS }, { "-h -A T ", ALWAYS },
};

static const char *const matches[] = {
	"", "", "", "-m comment --comment \"x -j MARK --set-mark 9\" ", "-m comment --comment -j ",
	"-m mark ! --mark 0x1/0x1 ", "-p tcp --dport 80 ", "-i MARK ", "-m set --match-set a src ",
	"-m comment --comment KUBE-MARK-MASQ ", "-m comment --comment zz-mark-1-1 ",
};

static const struct {
	const char *text;
	size_t len;
	enum keeps keeps;
	bool glued;
} ends[] = {
	{ "\n", 1, NEVER, false }, { "\n", 1, NEVER, false }, { "\n", 1, NEVER, false },
	{ "\n\n", 2, NEVER, false }, { " \t\n", 3, NEVER, false }, { "\r\n", 2, NEVER, true },
	{ " \r\n", 3, ALWAYS, false }, { "\v\n", 2, NEVER, true }, { " --\n", 4, NEVER, false },
	{ " \0-j MARK --or 1\n", 17, NEVER, false }, { "\0 \n", 3, NEVER, false },
	{ " -- x\n", 6, ALWAYS, false }, { " -V\n", 4, ALWAYS, false },
	{ " x\n", 3, ALWAYS, false },
};

/* Lines that are no rule with a target. */
static const char *const lines[] = {
	"# -j MARK --set-mark 1\n", "\n", ":U - [0:0]\n", ":zz-mark-1-1 - [0:0]\n", "-F\n", "-X\n",
	"-A zz-mark-1-1 -j CONNMARK --restore-mark --nfmask 0x1 --ctmask 0x1\n", "-F T\n", "-N V\n",
	":zz-mark-4000-4000 - [3:4]\n", "[5:6] -A zz-mark-1-1 -j CONNMARK --set-xmark 0x1/0x0\n",
	"-N zz-mark-1-1\n", "-I zz-mark-1-1 1 -j RETURN\n", "-X T\n", ":MARK - [0:0]\n", " \n",
	"--flush\n", "-v -X\n", "-Z\n", "-E T MARK\n", "-P OUTPUT ACCEPT\n", ": zz-mark-1-1 -\n",
};

struct model {
	enum kernel_class class;
	enum family family;
	const char *table, *only_table;
	bool mark_is_chain, more_may_be_stuck;
	struct { uint32_t value, mask; bool filled; } known[COUNT(spellings)];
	size_t n_known;			/* helper chains of this table so far */
	struct text want;
	size_t changed, stuck;
};

static bool has_mark(const struct model *m, uint32_t mask)
{
	if (m->class == CLASS_TYPO || m->class == CLASS_NFT_ONLY)
		return m->family == FAMILY_IPV4;
	return m->class == CLASS_HEALTHY || (m->class == CLASS_MASKREJECT && mask == ALL);
}

/* connmark wants a connection, which raw has not, and its target, which nft-only has not. */
static bool has_form(const struct model *m)
{
	return strcmp(m->table, "raw") != 0 && strcmp(m->table, "odd") != 0 &&
		m->class != CLASS_NFT_ONLY;
}

static bool is_read(const struct model *m)
{
	return !m->only_table || !strcmp(m->only_table, m->table);
}

static void say_helper(struct model *m, uint32_t value, uint32_t mask)
{
	for (int half = 0; half < 2; half++) {
		text_printf(&m->want, "-A zz-mark-%x-%x -j CONNMARK --restore-mark --nfmask 0x%x "
			    "--ctmask 0x%x\n", value, mask, half ? 0 : mask, value | mask);
		if (value)
			text_printf(&m->want, "-A zz-mark-%x-%x -j CONNMARK --set-xmark 0x%x/0x0\n",
				    value, mask, value);
	}
}

static void need_helper(struct model *m, uint32_t value, uint32_t mask)
{
	size_t i = 0;

	while (i < m->n_known && (m->known[i].value != value || m->known[i].mask != mask))
		i++;
	if (i == m->n_known) {
		text_printf(&m->want, ":zz-mark-%x-%x - [0:0]\n", value, mask);
		m->known[m->n_known].value = value;
		m->known[m->n_known].mask = mask;
		m->known[m->n_known++].filled = false;
	}
	if (!m->known[i].filled)
		say_helper(m, value, mask);
	m->known[i].filled = true;
}

/* The rule with another target; `given` bytes of the line were the rule as it was. */
static void say_rule(struct model *m, const char *before, const struct spelling *s, size_t given)
{
	size_t start = m->want.len;
	const char *tail = s->tail;

	text_printf(&m->want, "%s%s", before, s->head);
	if (!has_mark(m, s->mask)) {
		text_printf(&m->want, "zz-mark-%x-%x%s", s->value, s->mask, tail);
	} else {
		text_puts(&m->want, "MARK");
		if (*tail == '"')
			text_add(&m->want, tail++, 1);
		text_printf(&m->want, " --set-xmark 0x%x/0x%x", s->value, s->mask);
		if (*tail && *tail != ' ')
			text_puts(&m->want, " ");
		text_puts(&m->want, tail);
	}
	/* what follows an over-long line must begin where it did */
	while (given && m->want.len - start < given)
		text_puts(&m->want, " ");
}

/* A rule that is right and jumps to MARK or to a helper: what becomes of it. */
static void model_rule(struct model *m, struct span rule, const char *before,
		       const struct spelling *s, bool split)
{
	bool mark = has_mark(m, s->mask);

	if (!is_read(m) || m->mark_is_chain || (s->jump ? !mark && !has_form(m) : mark)) {
		text_span(&m->want, rule);
	} else if (!mark && !has_form(m)) {
		text_span(&m->want, rule);
		m->stuck++;
	} else {
		if (!mark)
			need_helper(m, s->value, s->mask);
		say_rule(m, before, s, split ? rule.len : 0);
		m->changed += !mark && !s->jump;
	}
}

static uint32_t pick(uint32_t *seed, size_t n)
{
	return ruleset_next_random(seed) % (uint32_t)n;
}

static bool keeps(enum keeps k, const struct model *m)
{
	return k == ALWAYS || k == (m->family == FAMILY_IPV4 ? ON_IPV4 : ON_IPV6);
}

/* Without the match, what has it is stuck if it is read as a rule at all. */
static bool lacks_match(const struct model *m, const char *match)
{
	return m->class == CLASS_NO_MODULE && !strncmp(match, "-m mark", 7);
}

static void add_rule(struct text *in, struct model *m, uint32_t *seed)
{
	const struct spelling *s = pick(seed, 4) ? &spellings[pick(seed, COUNT(spellings))] : NULL;
	const char *match = matches[pick(seed, COUNT(matches))];
	size_t h = pick(seed, COUNT(heads)), start = in->len, e = pick(seed, COUNT(ends));
	/* no rule that would grow; where blanks go is plain if it ends in what is cut */
	bool split = pick(seed, 40) == 0 &&
		(!s || (!s->jump && strlen(s->tail) <= 1 && strlen(s->given) >= 24));
	OWN_TEXT struct text before = { 0 };
	struct span rule;

	if (split)
		e = 0;
	text_printf(&before, "%s%s", heads[h].text, match);
	text_printf(in, "%s%s", before.at, s ? s->given : others[pick(seed, COUNT(others))]);
	for (int i = 0; split && i < FGETS; i++)
		text_puts(in, " ");
	rule = (struct span){ in->at + start, in->len - start };
	for (int c = CLASS_HEALTHY; c < CLASS_COUNT; c++, m++) {
		m->more_may_be_stuck |= lacks_match(m, match);
		if (!s || keeps(heads[h].keeps, m) || keeps(ends[e].keeps, m) ||
		    (ends[e].glued && s->brittle) || lacks_match(m, match))
			text_span(&m->want, rule);
		else
			model_rule(m, rule, before.at, s, split);
		text_add(&m->want, ends[e].text, ends[e].len);
	}
	text_add(in, ends[e].text, ends[e].len);
}

static void add_line(struct text *in, struct model *m, uint32_t *seed)
{
	const char *line = lines[pick(seed, COUNT(lines))];
	bool helper = strstr(line, "zz-mark");

	text_puts(in, line);
	for (int c = CLASS_HEALTHY; c < CLASS_COUNT; c++, m++) {
		if (is_read(m) && (!strcmp(line, "-F\n") || !strcmp(line, "--flush\n")))
			for (size_t i = 0; i < m->n_known; i++)
				m->known[i].filled = false;
		if (is_read(m) && (!strcmp(line, "-X\n") || !strcmp(line, "-v -X\n")))
			m->n_known = 0;
		if (is_read(m) && !strncmp(line, ":MARK", 5))
			m->mark_is_chain = true;
		/* a helper goes if its jumps will be said anew; those of `lines` have masks */
		if (!helper || !is_read(m) || m->mark_is_chain ||
		    !(has_mark(m, 1) || has_form(m)))
			text_puts(&m->want, line);
	}
}

static void add_all(struct text *in, struct model *m, const char *text)
{
	text_puts(in, text);
	for (int c = CLASS_HEALTHY; c < CLASS_COUNT; c++, m++)
		text_puts(&m->want, text);
}

static void add_table(struct text *in, struct model *models, uint32_t *seed)
{
	static const char *const tables[] = {
		"nat", "nat", "mangle", "filter", "security", "raw", "odd"
	};
	const char *table = tables[pick(seed, COUNT(tables))];

	for (int c = CLASS_HEALTHY; c < CLASS_COUNT; c++) {
		models[c - CLASS_HEALTHY].table = table;
		models[c - CLASS_HEALTHY].n_known = 0;
	}
	add_all(in, models, "*");
	add_all(in, models, table);
	add_all(in, models, "\n:T - [0:0]\n");
	for (uint32_t n = pick(seed, 14); n; n--)
		if (pick(seed, 4))
			add_rule(in, models, seed);
		else
			add_line(in, models, seed);
	add_all(in, models, "COMMIT\n");
}

/* The first line of each where they differ; a whole ruleset is too much for a message. */
static void fail_at_difference(struct span got, struct span want, const struct model *m,
			       uint32_t seed)
{
	struct span a = { "", 0 }, b = { "", 0 };
	size_t n = 0;

	while (span_same(a, b) && (got.len || want.len)) {
		n++;
		a = b = (struct span){ "", 0 };
		lexer_line(&got, &a);
		lexer_line(&want, &b);
	}
	fail_msg("seed %u, %s, %s, line %zu:\n%.*s(%zu bytes) is not\n%.*s(%zu bytes)", seed,
		 class_name(m->class), family_name(m->family), n, (int)(a.len < 200 ? a.len : 200),
		 a.at, a.len, (int)(b.len < 200 ? b.len : 200), b.at, b.len);
}

static void check(struct span in, struct model *m, uint32_t seed)
{
	static struct rewrite r;
	const struct kernel kernel = kernel_of_class(m->class);
	const struct form_order order = ruleset_order();
	const struct rewrite_job job = {
		.rules = in, .family = m->family, .kernel = &kernel, .order = &order,
		.only_table = m->only_table,
	};
	struct span want = { m->want.at, m->want.len };
	struct text got = ruleset_rewrite_job(&job);
	struct rewrite_survey s;
	struct err e;

	if (!span_same((struct span){ got.at, got.len }, want))
		fail_at_difference((struct span){ got.at, got.len }, want, m, seed);
	assert_int_equal(rewrite_survey(&s, &r, &job, &e), 0);
	assert_int_equal(s.changed, m->changed);
	/* where MARK is a chain, what is about a helper is stuck as well */
	if (!m->mark_is_chain && !m->more_may_be_stuck)
		assert_int_equal(s.stuck, m->stuck);
	assert_int_equal(s.differs, !span_same(in, want));
	text_release(&got);
}

static size_t one_ruleset(uint32_t *seed)
{
	struct model models[CLASS_COUNT - CLASS_HEALTHY] = { 0 };
	enum family family = pick(seed, 4) ? FAMILY_IPV6 : FAMILY_IPV4;
	const char *only = pick(seed, 4) ? NULL : "nat";
	uint32_t first = *seed;
	OWN_TEXT struct text in = { 0 };
	bool cut = pick(seed, 4) == 0;
	size_t changed = 0;

	for (size_t i = 0; i < COUNT(models); i++) {
		models[i].class = CLASS_HEALTHY + (enum kernel_class)i;
		models[i].family = family;
		models[i].only_table = only;
	}
	for (uint32_t n = pick(seed, 3) + 1; n; n--)
		add_table(&in, models, seed);
	for (size_t i = 0; i < COUNT(models); i++) {
		models[i].want.len -= cut;	/* of the final newline */
		check((struct span){ in.at, in.len - cut }, &models[i], first);
		changed += models[i].changed;
		text_release(&models[i].want);
	}
	return changed;
}

static void every_class_gets_what_the_model_says(void **state)
{
	uint32_t seed = SEED;
	size_t changed = 0;

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < RULESETS; i++)
		changed += one_ruleset(&seed);
	assert_uint_in_range(changed, RULESETS, SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_gets_what_the_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
