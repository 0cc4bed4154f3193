/*
 * The lexer and the rewriter.  The pieces are the input, in order; lines are counted right; a
 * kernel that nothing is known of changes nothing; twice is once; and folded on a healthy kernel
 * each rule is the one that it was.  Input: three bytes that set the job, then the ruleset.
 */
#include "fuzz.h"
#include "rewrite.h"
#include "scan.h"

/* What a whole run came to. */
struct tally {
	size_t changed, stuck, dropped;
};

static size_t lines_of(struct span text)
{
	struct span line;
	size_t n = 0;

	while (lexer_line(&text, &line))
		n++;
	return n;
}

static void must_be_piece(const struct rewrite_piece *p, const char *at, size_t line)
{
	fuzz_must(p->in.at == at && p->in.len, "the pieces follow one another");
	if (p->out.at == p->in.at) {
		fuzz_must(p->out.len == p->in.len, "what stays is the input itself");
	} else {
		fuzz_must(p->line == line, "the number of a line");
		fuzz_must(p->lines_in == lines_of(p->in), "how many lines go");
		fuzz_must(p->lines_out == lines_of(p->out), "how many lines come");
	}
	if (p->change) {
		fuzz_must(p->change->line == line, "the number of a rule's line");
		fuzz_same(span_without_newline(p->in), p->change->was, "the rule as it was");
	}
}

static struct text run(const struct rewrite_job *job, struct tally *t)
{
	static struct rewrite r;
	const char *at = job->rules.at;
	struct rewrite_piece p;
	struct text out = { 0 };
	size_t line = 1;
	struct err e;

	*t = (struct tally){ 0 };
	rewrite_begin(&r, job);
	while (rewrite_next(&r, &p, &e) == 1) {
		must_be_piece(&p, at, line);
		at += p.in.len;
		line += lines_of(p.in);
		text_span(&out, p.out);
		if (p.change) {
			t->changed += p.change->fate == REWRITE_CHANGED;
			t->stuck += p.change->fate == REWRITE_STUCK;
			t->dropped += p.change->fate == REWRITE_DROPPED;
		}
	}
	rewrite_end(&r);
	fuzz_must(at == job->rules.at + job->rules.len, "the pieces are all of the input");
	return out;
}

/* Behind the last piece with a change the rules are what they were. */
static void must_end_as_before(const struct rewrite_job *job, const struct text *out, size_t pieces)
{
	OWN_TEXT struct text got = { 0 };
	static struct rewrite r;
	struct span rest = job->rules;
	struct rewrite_piece p;
	struct err e;

	rewrite_begin(&r, job);
	while (pieces-- && rewrite_next(&r, &p, &e) == 1) {
		text_span(&got, p.out);
		rest = span_from(rest, p.in.len);
	}
	rewrite_end(&r);
	text_span(&got, rest);
	fuzz_same(fuzz_text(out), fuzz_text(&got), "nothing changes behind the last change");
}

/* The survey, which decides whether the output is used, is of the same mind. */
static void must_be_surveyed(const struct rewrite_job *job, const struct text *out,
			     const struct tally *t)
{
	static struct rewrite r;
	struct rewrite_survey s;
	struct err e;

	fuzz_must(rewrite_survey(&s, &r, job, &e) == 0, "a survey");
	fuzz_must(s.changed == t->changed && s.stuck == t->stuck && s.dropped == t->dropped,
		  "the survey counts what is changed");
	fuzz_must(s.differs == !span_same(fuzz_text(out), job->rules),
		  "the survey tells whether there is a difference");
	must_end_as_before(job, out, s.pieces);
	rewrite_survey_release(&s);
}

/* A rule line, taken apart. */
struct reading {
	struct span line, rule, hidden;	/* of it: behind the counters; behind a NUL */
	struct lexer_words words;
	struct rule parsed;
};

static bool read_rule(struct reading *r, struct span line, enum family f)
{
	r->line = line;
	r->rule = lexer_visible(scan_rule(line));
	r->hidden = (struct span){ r->rule.at + r->rule.len,
				   (size_t)(line.at + line.len - r->rule.at) - r->rule.len };
	return lexer_split(&r->words, r->rule) == 0 && rule_parse(&r->parsed, &r->words, f) == 0;
}

/* The word says the target or its option; where the rule has lost its target, so does -j. */
static bool is_mark(const struct reading *r, size_t i, bool lost)
{
	const struct lexer_word *w = &r->words.at[i];
	const struct rule *rule = &r->parsed;

	return w == rule->target || w == rule->mark[0] || w == rule->mark[1] ||
		(lost && w == rule->target_words[0]);
}

/* The first word from the i-th on that is none of those. */
static size_t other(const struct reading *r, size_t i, bool lost)
{
	while (i < r->words.n && is_mark(r, i, lost))
		i++;
	return i;
}

static struct span gap_before(const struct reading *r, size_t i)
{
	const char *from = i ? r->words.at[i - 1].raw.at + r->words.at[i - 1].raw.len : r->rule.at;

	return (struct span){ from, (size_t)(r->words.at[i].raw.at - from) };
}

/* All words but those of the mark are the same bytes, and so are the blanks between them. */
static void must_be_same_words(const struct reading *a, const struct reading *b, bool lost)
{
	size_t i = other(a, 0, lost), j = other(b, 0, lost), i_before = 0, j_before = 0;

	while (i < a->words.n && j < b->words.n) {
		fuzz_same(a->words.at[i].raw, b->words.at[j].raw, "a word stays");
		if (i == i_before && j == j_before)
			fuzz_same(gap_before(a, i), gap_before(b, j), "blanks stay");
		i_before = i + 1;
		j_before = j + 1;
		i = other(a, i_before, lost);
		j = other(b, j_before, lost);
	}
	fuzz_must(i == a->words.n && j == b->words.n, "no word comes or goes");
}

/* What stands before a target's name in its word, as --jump= does. */
static struct span prefix(const struct rule *r)
{
	return (struct span){ r->target->text, (size_t)(r->target_name - r->target->text) };
}

/* Two lines that differ are one MARK rule; or `b` is for the other family, and has no target. */
static void must_be_same_rule(struct span a_line, struct span b_line, enum family f)
{
	static struct reading a, b;
	bool lost;

	fuzz_must(read_rule(&a, a_line, f) && read_rule(&b, b_line, f), "both are rules");
	lost = a.parsed.ignored && !b.parsed.target;
	fuzz_must(a.parsed.target && !strcmp(a.parsed.target_name, "MARK") && a.parsed.mark[0],
		  "only MARK rules change");
	if (!lost) {
		fuzz_must(b.parsed.target && b.parsed.mark[0], "it is one again");
		fuzz_same(span_of("MARK"), span_of(b.parsed.target_name), "its target");
		fuzz_same(prefix(&a.parsed), prefix(&b.parsed), "how the target is given");
		fuzz_must(a.parsed.op.value == b.parsed.op.value &&
			  a.parsed.op.mask == b.parsed.op.mask, "its operation");
	}
	fuzz_same((struct span){ a_line.at, (size_t)(a.rule.at - a_line.at) },
		  (struct span){ b_line.at, (size_t)(b.rule.at - b_line.at) }, "counters");
	fuzz_same(a.hidden, b.hidden, "what nobody reads stays");
	fuzz_must((a_line.at[a_line.len - 1] == '\n') == (b_line.at[b_line.len - 1] == '\n'),
		  "the newline");
	must_be_same_words(&a, &b, lost);
}

static void must_be_same_rules(struct span a, struct span b, enum family f)
{
	struct span a_line, b_line;

	while (lexer_line(&a, &a_line)) {
		fuzz_must(lexer_line(&b, &b_line), "no line goes");
		if (!span_same(a_line, b_line))
			must_be_same_rule(a_line, b_line, f);
	}
	fuzz_must(!b.len, "no line comes");
}

/* Both folded on a healthy kernel: the original is, where it has helper chains of its own. */
static void must_fold_back(const struct rewrite_job *job, struct span rewritten)
{
	const struct kernel healthy = kernel_of_class(CLASS_HEALTHY);
	struct rewrite_job fold = *job;
	struct text was, is;
	struct tally t_was, t_is;

	fold.kernel = &healthy;
	was = run(&fold, &t_was);
	fold.rules = rewritten;
	is = run(&fold, &t_is);
	if (!t_was.stuck && !t_is.stuck)
		must_be_same_rules(fuzz_text(&was), fuzz_text(&is), job->family);
	text_release(&was);
	text_release(&is);
}

/* A ruleset that is not stuck has nothing left to do. */
static void check(struct rewrite_job *job, enum kernel_class c)
{
	struct tally t, again;
	struct text out = run(job, &t), twice;

	must_be_surveyed(job, &out, &t);
	if (c == CLASS_UNKNOWN)
		fuzz_same(job->rules, fuzz_text(&out), "who knows nothing changes nothing");
	if (!t.stuck) {
		if (!t.dropped)
			must_fold_back(job, fuzz_text(&out));
		job->rules = fuzz_text(&out);
		twice = run(job, &again);
		fuzz_same(fuzz_text(&out), fuzz_text(&twice), "twice is once");
		fuzz_must(!again.changed && !again.stuck && !again.dropped,
			  "what came out needs no change");
		text_release(&twice);
	}
	text_release(&out);
}

static struct form_order order(unsigned char which)
{
	static const char *const lists[] = { "connmark", "hmark", "nft", "none", "nft, connmark" };
	const size_t n = sizeof(lists) / sizeof(lists[0]);
	struct form_order o = form_order_default();
	struct err e;

	/* a list with what doesn't work in a table leaves that one's as it is */
	for (int t = 0; t < TABLE_COUNT && which % (n + 1) < n; t++)
		form_order_set(&o, t, lists[which % (n + 1)], &e);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const only[] = { NULL, NULL, "nat", "mangle", "odd" };
	struct span input = { (const char *)data, size };
	const enum kernel_class c = fuzz_byte(&input) % CLASS_COUNT;
	const unsigned char bits = fuzz_byte(&input), more = fuzz_byte(&input);
	const struct form_order listed = order(more >> 4);
	const struct kernel kernel = kernel_of_class(c);
	struct rewrite_job job = {
		.rules = input,
		.family = bits & 1 ? FAMILY_IPV4 : FAMILY_IPV6,
		.backend = (bits >> 1 & 3) % 3,
		.kernel = &kernel,
		.order = &listed,
		.exact_only = bits & 8,
		.noflush = bits & 16,
		.nflog_by_target = bits & 32,
		.drop_nflog = bits & 64,
		.tell_kept = bits & 128,
		.only_table = only[(more & 15) % 5],
	};

	check(&job, c);
	return 0;
}
