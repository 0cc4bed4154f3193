#include "rewrite.h"

#include <inttypes.h>
#include <stdio.h>

#include "scan.h"

/* What becomes of one line. */
enum verdict {
	LINE_SAME,	/* it joins the run of unchanged bytes */
	LINE_PIECE,	/* r->next was made from it */
	LINE_FAILED,	/* no memory */
};

void rewrite_begin(struct rewrite *r, const struct rewrite_job *job)
{
	/* field by field, since clearing the buffers would cost more than most rulesets do */
	r->job = *job;
	r->rest = job->rules;
	r->run = (struct span){ job->rules.at, 0 };
	r->line = 0;
	r->in_table = false;
	r->mark_is_chain = false;
	r->declared = (struct declared){ 0 };
	r->next = (struct rewrite_piece){ .in = r->run };
}

void rewrite_end(struct rewrite *r)
{
	declared_clear(&r->declared);
}

/* MARK as it is would do for this operation. */
static bool kernel_marks(const struct rewrite *r, struct mark_op op)
{
	const struct kernel *k = r->job.kernel;

	return k->has[r->job.family][XT_MARK] == ANSWER_YES &&
		(!k->refuses_masks || op.mask == UINT32_MAX);
}

static bool kernel_refuses(const struct rewrite *r, struct mark_op op)
{
	return r->job.kernel->has[r->job.family][XT_MARK] != ANSWER_UNKNOWN &&
		!kernel_marks(r, op);
}

static const struct form *form_here(const struct rewrite *r)
{
	return form_choose(r->job.order, r->table, r->job.family, r->job.kernel);
}

/* A helper chain of the input is done without, since its jumps will say it anew. */
static bool folds(const struct rewrite *r, struct mark_op op)
{
	return kernel_marks(r, op) || (kernel_refuses(r, op) && form_here(r));
}

static enum verdict piece(struct rewrite *r, struct span line, size_t lines_out)
{
	r->next = (struct rewrite_piece){
		.in = line,
		.out = { r->out, r->out_len },
		.line = r->line,
		.lines_in = 1,
		.lines_out = lines_out,
	};
	return LINE_PIECE;
}

static enum verdict drop(struct rewrite *r, struct span line)
{
	r->out_len = 0;
	return piece(r, line, 0);
}

static void put(struct rewrite *r, struct span s)
{
	memcpy(r->out + r->out_len, s.at, s.len);
	r->out_len += s.len;
}

static void open_table(struct rewrite *r, struct span line)
{
	struct span name = lexer_strtok(span_from(lexer_visible(line), 1), 0);

	r->table = table_find(name);
	r->in_table = !r->job.only_table || span_is(name, r->job.only_table);
	declared_clear(&r->declared);
}

/* `COMMIT`; legacy wants the newline, nft does not, and without it both are at their end. */
static bool is_commit(struct span line)
{
	return span_is(span_without_newline(lexer_visible(line)), "COMMIT");
}

static enum verdict chain_line(struct rewrite *r, struct span line)
{
	struct span name = lexer_strtok(span_from(lexer_visible(line), 1), 0);
	struct mark_op op;

	/* since 1.8.8 a chain of that name hides the target, for the rest of the input */
	if (span_is(name, "MARK"))
		r->mark_is_chain = true;
	if (helper_parse(&op, name.at, name.len) && folds(r, op))
		return drop(r, line);
	return LINE_SAME;
}

/* Declares and fills the helper chain.  Returns the number of lines that took. */
static size_t put_helper(struct rewrite *r, const char *name, enum declared_state state)
{
	char say[FORM_RULE_TEXT_MAX], text[FORM_RULE_TEXT_MAX + HELPER_NAME_MAX + 8];
	const struct form *form = r->change.form;
	size_t lines = 0;

	if (state == DECLARED_NOT) {
		snprintf(text, sizeof(text), ":%s - [0:0]\n", name);
		put(r, span_of(text));
		lines++;
	}
	for (size_t i = 0; i < form->n_rules; i++) {
		if (!form_say(say, form, i, r->change.op))
			continue;
		snprintf(text, sizeof(text), "-A %s %s\n", name, say);
		put(r, span_of(text));
		lines++;
	}
	return lines;
}

/* Replaces the target's name in its word; `--jump=` and quotes stay. */
static void put_target(struct rewrite *r, const char *target)
{
	const struct lexer_word *w = r->rule.target;

	if (w->quoted)
		put(r, span_of("\""));
	put(r, (struct span){ w->text, (size_t)(r->rule.target_name - w->text) });
	put(r, span_of(target));
	if (w->quoted)
		put(r, span_of("\""));
}

/* What follows was glued to a closing quote, and now wants a blank. */
static void part(struct rewrite *r, struct span line, const char *next)
{
	if (next < line.at + line.len && *next && !strchr(" \t\n", *next))
		put(r, span_of(" "));
}

/* A word goes, and so do the blanks before it. */
static void skip_word(struct rewrite *r, struct span line, const struct lexer_word *w,
		      const char **done)
{
	size_t kept = r->out_len;
	struct span before = { *done, (size_t)(w->raw.at - *done) };

	put(r, before);
	while (r->out_len > kept && strchr(" \t\n", r->out[r->out_len - 1]))
		r->out_len--;
	*done = w->raw.at + w->raw.len;
	part(r, line, *done);
}

/*
 * The rule with another target and that one's option, and without the MARK option
 * if it has one.  The
 * next line of an over-long one must go on where it did, so the length of such a
 * line is kept by blanks.  Returns 0, or -1 if the line would be too long.
 */
static int put_rule(struct rewrite *r, struct span line, const char *target, const char *option)
{
	const char *done = r->rule.target->raw.at;
	size_t start = r->out_len;

	put(r, (struct span){ line.at, (size_t)(done - line.at) });
	put_target(r, target);
	put(r, span_of(option));
	done += r->rule.target->raw.len;
	if (*option)
		part(r, line, done);
	for (size_t i = 0; i < 2 && r->rule.mark[i]; i++)
		skip_word(r, line, r->rule.mark[i], &done);
	if (line.len == LEXER_LINE_MAX && line.at[line.len - 1] != '\n')
		for (size_t room = (size_t)(line.at + line.len - done);
		     r->out_len - start + room < LEXER_LINE_MAX;)
			put(r, span_of(" "));
	put(r, (struct span){ done, (size_t)(line.at + line.len - done) });
	return r->out_len - start > LEXER_LINE_MAX ? -1 : 0;
}

/* A jump to a helper chain, on a kernel that has MARK. */
static enum verdict fold_rule(struct rewrite *r, struct span line, struct mark_op op)
{
	char option[64];

	snprintf(option, sizeof(option), " --set-xmark 0x%" PRIx32 "/0x%" PRIx32, op.value,
		 op.mask);
	r->out_len = 0;
	if (put_rule(r, line, "MARK", option) < 0)
		return LINE_SAME;
	return piece(r, line, 1);
}

static void describe(struct rewrite *r, struct span line, struct mark_op op)
{
	bool refused = kernel_refuses(r, op);

	r->change = (struct rewrite_change){
		.line = r->line,
		.table = r->table,
		.chain = r->rule.chain ? r->rule.chain : "",
		.op = op,
		.form = refused ? form_here(r) : NULL,
		.mask_only = r->job.kernel->has[r->job.family][XT_MARK] == ANSWER_YES,
		.was = span_without_newline(line),
		.is = span_without_newline(line),
	};
	r->change.fate = r->change.form ? REWRITE_CHANGED : refused ? REWRITE_STUCK : REWRITE_KEPT;
}

/* The line stays, but is told of. */
static enum verdict leave_rule(struct rewrite *r, struct span line)
{
	r->out_len = 0;
	piece(r, line, 1);
	r->next.out = line;
	r->next.change = &r->change;
	return LINE_PIECE;
}

static enum verdict rewrite_rule(struct rewrite *r, struct span line, struct mark_op op)
{
	enum declared_state state = declared_get(&r->declared, op);
	char name[HELPER_NAME_MAX];
	size_t lines = 1, before;

	helper_name(name, op);
	r->out_len = 0;
	/* tried before anything is declared for it */
	if (put_rule(r, line, name, "") < 0)
		return LINE_SAME;
	r->out_len = 0;
	if (state != DECLARED_FILLED) {
		if (declared_fill(&r->declared, op) < 0)
			return LINE_FAILED;
		lines += put_helper(r, name, state);
	}
	before = r->out_len;
	put_rule(r, line, name, "");
	r->change.is = span_without_newline((struct span){ r->out + before,
							   r->out_len - before });
	/* a jump that comes out as it went in */
	if (!r->rule.mark[0] && lines == 1)
		return LINE_SAME;
	piece(r, line, lines);
	if (r->rule.mark[0])
		r->next.change = &r->change;
	return LINE_PIECE;
}

static enum verdict target_rule(struct rewrite *r, struct span line)
{
	const char *target = r->rule.target_name;
	bool is_mark = !strcmp(target, "MARK") && !r->mark_is_chain && r->rule.mark[0];
	struct mark_op op = r->rule.op;

	if (!is_mark && !helper_parse(&op, target, strlen(target)))
		return LINE_SAME;
	if (!is_mark && kernel_marks(r, op))
		return fold_rule(r, line, op);
	describe(r, line, op);
	if (r->change.fate == REWRITE_CHANGED)
		return rewrite_rule(r, line, op);
	if (is_mark && (r->change.fate == REWRITE_STUCK || r->job.tell_kept))
		return leave_rule(r, line);
	return LINE_SAME;
}

static enum verdict parsed_rule(struct rewrite *r, struct span line)
{
	const struct rule *rule = &r->rule;
	struct mark_op op;

	if (rule->command == 'F' && !rule->chain)
		declared_flush(&r->declared);
	if (rule->command == 'X' && !rule->chain)
		declared_clear(&r->declared);
	if (rule->chain && strchr("AIN", rule->command) &&
	    helper_parse(&op, rule->chain, strlen(rule->chain)) && folds(r, op))
		return drop(r, line);
	if (rule->target && rule->jumps && strchr("AIRDC", rule->command) && rule->command)
		return target_rule(r, line);
	return LINE_SAME;
}

static enum verdict rule_line(struct rewrite *r, struct span line)
{
	struct span rule = scan_rule(line);

	if (!scan_may_matter(rule) || lexer_split(&r->words, lexer_visible(rule)) < 0 ||
	    rule_parse(&r->rule, &r->words, r->job.family) < 0)
		return LINE_SAME;
	return parsed_rule(r, line);
}

/* In the order of the tests in ip46tables_restore_main(). */
static enum verdict one_line(struct rewrite *r, struct span line)
{
	char first = *line.at;

	if (first == '\n' || first == '#')
		return LINE_SAME;
	if (!r->in_table) {
		if (first == '*')
			open_table(r, line);
		return LINE_SAME;
	}
	if (first == 'C' && is_commit(line)) {
		r->in_table = false;
		return LINE_SAME;
	}
	return first == ':' ? chain_line(r, line) : rule_line(r, line);
}

int rewrite_next(struct rewrite *r, struct rewrite_piece *piece, struct err *e)
{
	enum verdict verdict = r->next.in.len ? LINE_PIECE : LINE_SAME;
	struct span line;

	while (verdict == LINE_SAME && lexer_line(&r->rest, &line)) {
		r->line++;
		verdict = one_line(r, line);
		if (verdict == LINE_SAME)
			r->run.len += line.len;
	}
	if (verdict == LINE_FAILED) {
		err_set(e, "no memory for %zu mark operations", r->declared.n);
		return -1;
	}
	if (r->run.len) {
		*piece = (struct rewrite_piece){ .in = r->run, .out = r->run };
		r->run = (struct span){ r->run.at + r->run.len, 0 };
		return 1;
	}
	if (verdict == LINE_SAME)
		return 0;
	*piece = r->next;
	r->next.in.len = 0;
	r->run.at += piece->in.len;
	return 1;
}
