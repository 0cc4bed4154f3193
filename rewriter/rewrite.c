#include "rewrite.h"

#include <inttypes.h>
#include <stdio.h>

#include "emit.h"
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
	r->emptied = false;
	r->parts = NULL;
	r->kernel = *job->kernel;
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
	return kernel_takes_mask(&r->kernel, r->job.family, op.mask) == ANSWER_YES;
}

static bool kernel_refuses(const struct rewrite *r, struct mark_op op)
{
	return kernel_takes_mask(&r->kernel, r->job.family, op.mask) == ANSWER_NO;
}

static struct form_ground ground(const struct rewrite *r)
{
	return (struct form_ground){
		.order = r->job.order,
		.kernel = &r->kernel,
		.family = r->job.family,
		.backend = r->job.backend,
		.exact_only = r->job.exact_only,
		.keeps_chains = r->job.noflush,
		.asker = r->job.asker,
	};
}

static const struct form *form_here(const struct rewrite *r, struct mark_op op)
{
	const struct form_ground g = ground(r);

	return form_choose(&g, r->table, op);
}

/* A helper chain of the input is done without, since its jumps will say it anew. */
static bool folds(const struct rewrite *r, struct mark_op op)
{
	return kernel_marks(r, op) || (kernel_refuses(r, op) && form_here(r, op));
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

static void open_table(struct rewrite *r, struct span line)
{
	struct span name = lexer_strtok(span_from(lexer_visible(line), 1), 0);

	r->table = table_find(name);
	r->in_table = !r->job.only_table || span_is(name, r->job.only_table);
	declared_clear(&r->declared);
	r->emptied = false;
}

/* `COMMIT`; legacy wants the newline, nft does not, and without it both are at their end. */
static bool is_commit(struct span line)
{
	return span_is(span_without_newline(lexer_visible(line)), "COMMIT");
}

/*
 * Since 1.8.8 a chain hides the target of its name, for the rest of the input.  A
 * hidden MARK is no target that we know of; a form can't do with a hidden part.
 */
static void hide_target(struct rewrite *r, struct span name)
{
	for (int x = 0; x < XT_COUNT; x++)
		if (!xt_names[x].is_match && span_is(name, xt_names[x].name))
			r->kernel.has[r->job.family][x] = x == XT_MARK ? ANSWER_UNKNOWN : ANSWER_NO;
}

static bool mark_is_hidden(const struct rewrite *r)
{
	return r->kernel.has[r->job.family][XT_MARK] != r->job.kernel->has[r->job.family][XT_MARK];
}

static enum verdict chain_line(struct rewrite *r, struct span line)
{
	struct span name = lexer_strtok(span_from(lexer_visible(line), 1), 0);
	struct mark_op op;

	hide_target(r, name);
	if (helper_parse(&op, name.at, name.len) && folds(r, op))
		return drop(r, line);
	return LINE_SAME;
}

static void describe(struct rewrite *r, struct span line, struct mark_op op,
		     enum rewrite_fate fate, enum rewrite_reason reason)
{
	r->change = (struct rewrite_change){
		.fate = fate,
		.reason = reason,
		.line = r->line,
		.table = r->table,
		.chain = r->rule.chain ? r->rule.chain : "",
		.op = op,
		.form = fate == REWRITE_CHANGED && reason == REWRITE_REFUSED ? form_here(r, op)
			: NULL,
		.mask_only = r->kernel.has[r->job.family][XT_MARK] == ANSWER_YES,
		.was = span_without_newline(line),
		.is = span_without_newline(line),
	};
}

/* The line stays, but is told of. */
static enum verdict leave(struct rewrite *r, struct span line)
{
	r->out_len = 0;
	piece(r, line, 1);
	r->next.out = line;
	r->next.change = &r->change;
	return LINE_PIECE;
}

static enum verdict stuck(struct rewrite *r, struct span line, struct mark_op op,
			  enum rewrite_reason reason)
{
	describe(r, line, op, REWRITE_STUCK, reason);
	return leave(r, line);
}

static enum verdict changed(struct rewrite *r, struct span line, size_t before, size_t lines)
{
	r->change.is = span_without_newline((struct span){ r->out + before,
							   r->out_len - before });
	piece(r, line, lines);
	r->next.change = &r->change;
	return LINE_PIECE;
}

/* A jump to a helper chain, on a kernel that has MARK. */
static enum verdict fold_rule(struct rewrite *r, struct span line, struct mark_op op)
{
	char option[64];

	snprintf(option, sizeof(option), " --set-xmark 0x%" PRIx32 "/0x%" PRIx32, op.value,
		 op.mask);
	r->out_len = 0;
	if (emit_rule(r, line, "MARK", option) < 0)
		return stuck(r, line, op, REWRITE_TOO_LONG);
	return piece(r, line, 1);
}

/* The real program will pass the line over, if it can only read it: without its target it can. */
static enum verdict ignored_rule(struct rewrite *r, struct span line, struct mark_op op)
{
	describe(r, line, op, REWRITE_CHANGED, REWRITE_IGNORED);
	r->out_len = 0;
	emit_without_target(r, line);
	return changed(r, line, 0, 1);
}

static enum verdict rewrite_rule(struct rewrite *r, struct span line, struct mark_op op)
{
	enum declared_state state = declared_get(&r->declared, op);
	char name[HELPER_NAME_MAX];
	size_t lines = 1, before;

	describe(r, line, op, REWRITE_CHANGED, REWRITE_REFUSED);
	helper_name(name, op);
	r->out_len = 0;
	/* tried before anything is declared for it */
	if (emit_rule(r, line, name, "") < 0)
		return stuck(r, line, op, REWRITE_TOO_LONG);
	r->out_len = 0;
	if (state != DECLARED_FILLED) {
		if (declared_fill(&r->declared, op) < 0)
			return LINE_FAILED;
		lines += emit_helper(r, state);
	}
	before = r->out_len;
	emit_rule(r, line, name, "");
	if (r->rule.mark[0])
		return changed(r, line, before, lines);
	/* a jump that comes out as it went in is no change of its own */
	return lines == 1 ? LINE_SAME : piece(r, line, lines);
}

/* `-j MARK` with a good option. */
static enum verdict mark_rule(struct rewrite *r, struct span line, struct mark_op op)
{
	const struct form_ground g = ground(r);

	if (!kernel_refuses(r, op)) {
		describe(r, line, op, REWRITE_KEPT, REWRITE_REFUSED);
		return r->job.tell_kept && !mark_is_hidden(r) ? leave(r, line) : LINE_SAME;
	}
	if (r->rule.ignored)
		return ignored_rule(r, line, op);
	if (!form_target_is_hidden(&g, r->table, XT_MARK) && form_here(r, op))
		return rewrite_rule(r, line, op);
	return stuck(r, line, op, form_any_hidden(&g, r->table) ? REWRITE_HIDDEN : REWRITE_NO_FORM);
}

/*
 * `-j` to a helper chain.  Where nothing is known of MARK, or no form could replace
 * the chain, the input's own stays with all its lines.
 */
static enum verdict helper_rule(struct rewrite *r, struct span line, struct mark_op op)
{
	if (!folds(r, op))
		return LINE_SAME;
	return kernel_marks(r, op) ? fold_rule(r, line, op) : rewrite_rule(r, line, op);
}

/*
 * What a rule does with a helper chain besides what is folded: any other command
 * on it, -g to it, or a new name for it.  Then the input has plans of its own.
 */
static bool meddles(const struct rewrite *r, struct mark_op *op)
{
	const struct rule *rule = &r->rule;

	if (rule->chain && helper_parse(op, rule->chain, strlen(rule->chain)))
		return !strchr("AIN", rule->command) || mark_is_hidden(r);
	if (rule->target && helper_parse(op, rule->target_name, strlen(rule->target_name)))
		return !rule->jumps || mark_is_hidden(r);
	for (size_t i = 0; rule->command == 'E' && i < r->words.n; i++)
		if (helper_parse(op, r->words.at[i].text, strlen(r->words.at[i].text)))
			return true;
	return false;
}

/* Any other refuses a target, unless its rule is passed over as one for the other family. */
static bool takes_rule(char command)
{
	return command && strchr("AIRDC", command);
}

static bool lacks_match(const struct rewrite *r)
{
	return r->kernel.has[r->job.family][XT_MATCH_MARK] == ANSWER_NO;
}

/* An NFLOG rule whose target the kernel doesn't have; one for the other family is passed over. */
static bool lacks_nflog(const struct rewrite *r)
{
	const struct form_ground g = ground(r);

	return r->job.nflog_by_target && r->rule.target && r->rule.jumps && !r->rule.ignored &&
		r->rule.command && !strcmp(r->rule.target_name, xt_names[XT_NFLOG].name) &&
		r->job.kernel->has[r->job.family][XT_NFLOG] == r->kernel.has[r->job.family][XT_NFLOG] &&
		form_has(&g, XT_NFLOG) == ANSWER_NO;
}

static enum verdict nflog_rule(struct rewrite *r, struct span line)
{
	/* without a -R the rule that it replaces would stay in force */
	if (!r->job.drop_nflog || r->rule.command == 'R')
		return stuck(r, line, r->rule.op, REWRITE_NO_NFLOG);
	describe(r, line, r->rule.op, REWRITE_DROPPED, REWRITE_NO_NFLOG);
	r->change.is = (struct span){ "", 0 };
	r->out_len = 0;
	piece(r, line, 0);
	r->next.change = &r->change;
	return LINE_PIECE;
}

static enum verdict parsed_rule(struct rewrite *r, struct span line)
{
	const struct rule *rule = &r->rule;
	struct mark_op op;

	if (rule->command == 'F' && !rule->chain)
		declared_flush(&r->declared);
	if (rule->command == 'X' && !rule->chain)
		declared_clear(&r->declared);
	if ((rule->command == 'F' || rule->command == 'X') && !rule->chain)
		r->emptied = true;
	if (meddles(r, &op))
		return stuck(r, line, op, REWRITE_MEDDLED);
	if (lacks_nflog(r))
		return nflog_rule(r, line);
	if (rule->matches_mark && lacks_match(r))
		return stuck(r, line, rule->op, REWRITE_NO_MATCH);
	if (rule->chain && rule->command && strchr("AIN", rule->command) &&
	    helper_parse(&op, rule->chain, strlen(rule->chain)) && folds(r, op))
		return drop(r, line);
	if (!rule->target || !rule->jumps || !(rule->ignored || takes_rule(rule->command)))
		return LINE_SAME;
	if (helper_parse(&op, rule->target_name, strlen(rule->target_name)))
		return helper_rule(r, line, op);
	if (rule->mark[0] && !strcmp(rule->target_name, "MARK"))
		return mark_rule(r, line, rule->op);
	return LINE_SAME;
}

static enum verdict rule_line(struct rewrite *r, struct span line)
{
	struct span rule = scan_rule(line);

	if ((!scan_may_matter(rule) && !lacks_match(r) &&
	     !(r->job.nflog_by_target && scan_may_log(rule))) ||
	    lexer_split(&r->words, lexer_visible(rule)) < 0 ||
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
