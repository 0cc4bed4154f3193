#include "emit.h"

#include <inttypes.h>

static void put(struct rewrite *r, struct span s)
{
	memcpy(r->out + r->out_len, s.at, s.len);
	r->out_len += s.len;
}

static bool comes_empty(const struct rewrite *r, enum declared_state state)
{
	return !r->job.noflush || r->emptied || state == DECLARED_EMPTY;
}

/*
 * A chain that nftables makes is there before the rules are, unless they flush the
 * table or delete it; then it comes empty, and is filled when they are loaded.
 */
static void note_part(struct rewrite *r, enum declared_state state)
{
	const enum form_part part = r->change.form->part;
	const struct mark_op op = r->change.op;

	if (!r->parts)
		return;
	if (part == PART_SET)
		text_printf(&r->parts->before, "set %" PRIx32 " %" PRIx32 "\n", op.value, op.mask);
	else if (part == PART_CHAIN)
		text_printf(comes_empty(r, state) ? &r->parts->after : &r->parts->before,
			    "chain %s %" PRIx32 " %" PRIx32 "\n", table_name(r->table), op.value,
			    op.mask);
}

size_t emit_helper(struct rewrite *r, enum declared_state state)
{
	const struct form *form = r->change.form;
	const bool declare = state == DECLARED_NOT &&
		(form->part != PART_CHAIN || comes_empty(r, state));
	size_t len, lines = form_chain(r->out + r->out_len, &len, form, r->change.op,
				       r->job.family, declare);

	note_part(r, state);
	r->out_len += len;
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

/* The next line of an over-long one must go on where it did, so its length is kept by blanks. */
static void pad(struct rewrite *r, struct span line, const char *done, size_t start)
{
	size_t rest = (size_t)(line.at + line.len - done);

	if (line.len < LEXER_LINE_MAX || line.at[line.len - 1] == '\n')
		return;
	while (r->out_len - start + rest < LEXER_LINE_MAX)
		put(r, span_of(" "));
}

/*
 * What a line has grown beyond the limit by is taken from the blanks at its end, which
 * follow the last word: an open quote makes those it contains part of that.
 */
static int fit(struct rewrite *r, struct span line, size_t start)
{
	const struct span last = r->words.at[r->words.n - 1].raw;
	size_t spare = (size_t)(line.at + line.len - last.at) - last.len;
	bool newline = r->out[r->out_len - 1] == '\n';
	size_t end = r->out_len - newline;

	for (spare -= spare && newline; end + newline - start > LEXER_LINE_MAX && spare; spare--) {
		if (r->out[end - 1] != ' ' && r->out[end - 1] != '\t')
			break;
		end--;
	}
	if (newline)
		r->out[end] = '\n';
	r->out_len = end + newline;
	return r->out_len - start > LEXER_LINE_MAX ? -1 : 0;
}

int emit_rule(struct rewrite *r, struct span line, const char *target, const char *option)
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
	pad(r, line, done, start);
	put(r, (struct span){ done, (size_t)(line.at + line.len - done) });
	return fit(r, line, start);
}

void emit_without_target(struct rewrite *r, struct span line)
{
	const char *done = line.at;

	for (size_t i = 0; i < 2 && r->rule.target_words[i]; i++)
		skip_word(r, line, r->rule.target_words[i], &done);
	for (size_t i = 0; i < 2 && r->rule.mark[i]; i++)
		skip_word(r, line, r->rule.mark[i], &done);
	pad(r, line, done, 0);
	put(r, (struct span){ done, (size_t)(line.at + line.len - done) });
}
