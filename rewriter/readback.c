#include "readback.h"

#include <inttypes.h>

#include "helper.h"
#include "mark.h"
#include "scan.h"

/* The word at the front of a text, up to a blank or newline. */
static struct span word_of(struct span s)
{
	size_t len = 0;

	while (len < s.len && s.at[len] != ' ' && s.at[len] != '\n')
		len++;
	return (struct span){ s.at, len };
}

static bool is_helper(struct span word)
{
	struct mark_op op;

	return helper_parse(&op, word.at, word.len);
}

/* ":CHAIN ...", "-N CHAIN", "-A CHAIN ..." of a helper chain. */
static bool about_helper(struct span line)
{
	struct span rule = scan_rule(line);

	if (line.len && *line.at == ':')
		return is_helper(word_of(span_from(line, 1)));
	while (rule.len && *rule.at == ' ')
		rule = span_from(rule, 1);
	return (span_starts(rule, "-A ") || span_starts(rule, "-N ")) &&
		is_helper(word_of(span_from(rule, 3)));
}

/*
 * Is the end of the line inside of quotes?  They open at the front of a word alone, since a
 * chain's name, say, may have one too.  A backslash takes the next byte's meaning in them.
 */
static bool ends_quoted(struct span line, bool quoted)
{
	if (!memchr(line.at, '"', line.len))
		return quoted;
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] == '\\' && quoted)
			i++;
		else if (line.at[i] == '"')
			quoted = !quoted && i && line.at[i - 1] == ' ';
	}
	return quoted;
}

/* The most bytes of a comment: XT_MAX_COMMENT_LEN, and a backslash before each. */
#define COMMENT_MAX 512

/* Does this line go on with a comment?  One that never ends was something else. */
static bool goes_on(struct readback *r, struct span line)
{
	r->held = r->quoted ? r->held + line.len : 0;
	r->quoted &= r->held <= COMMENT_MAX;
	return r->quoted;
}

/*
 * A jump to a chain is the last that a rule says.  A comment that ends so stands in
 * quotes, since it has blanks.
 */
static void rule_line(struct text *to, struct span line)
{
	struct span rule = span_without_newline(line);
	const char *last = memrchr(rule.at, ' ', rule.len);
	size_t before = last ? (size_t)(last + 1 - rule.at) : 0;
	struct mark_op op;

	if (before < 4 || memcmp(rule.at + before - 4, " -j ", 4) != 0 ||
	    !helper_parse(&op, rule.at + before, rule.len - before)) {
		text_span(to, line);
		return;
	}
	text_add(to, rule.at, before);
	text_printf(to, "MARK --set-xmark 0x%" PRIx32 "/0x%" PRIx32, op.value, op.mask);
	text_add(to, rule.at + rule.len, line.len - rule.len);
}

/* mark_tg_print() */
static void print_op(struct text *to, struct mark_op op)
{
	if (op.value == 0)
		text_printf(to, "MARK and 0x%" PRIx32, ~op.mask);
	else if (op.value == op.mask)
		text_printf(to, "MARK or 0x%" PRIx32, op.value);
	else if (op.mask == 0)
		text_printf(to, "MARK xor 0x%" PRIx32, op.value);
	else if (op.mask == UINT32_MAX)
		text_printf(to, "MARK set 0x%" PRIx32, op.value);
	else
		text_printf(to, "MARK xset 0x%" PRIx32 "/0x%" PRIx32, op.value, op.mask);
}

/* Skips blanks and then `n` words with the blanks behind them. */
static struct span skip_columns(struct span s, size_t n)
{
	while (s.len && *s.at == ' ')
		s = span_from(s, 1);
	for (; n; n--) {
		s = span_from(s, word_of(s).len);
		while (s.len && *s.at == ' ')
			s = span_from(s, 1);
	}
	return s;
}

static void print_op_at_end(struct text *to, struct span line, struct mark_op op)
{
	struct span row = span_without_newline(line);

	text_span(to, row);
	text_puts(to, " ");
	print_op(to, op);
	text_add(to, row.at + row.len, line.len - row.len);
}

/*
 * `table`: the target's column is ten wide, as in -L; -v alone has one blank behind
 * it.  What a comment that goes on leaves to be said is noted.
 */
static void row_line(struct readback *r, struct text *to, struct span line, bool table)
{
	struct span target = word_of(skip_columns(line, r->before_target));

	r->owes = helper_parse(&r->op, target.at, target.len);
	if (!r->owes) {
		text_span(to, line);
		return;
	}
	text_add(to, line.at, (size_t)(target.at - line.at));
	text_printf(to, table ? "%-9s" : "%s", "MARK");
	line = span_from(line, (size_t)(target.at + target.len - line.at));
	if (r->quoted)
		text_span(to, line);
	else
		print_op_at_end(to, line, r->op);
}

/*
 * Does the line end inside of a comment, as -L prints them?  What it has in quotes is
 * none: a string to be matched, a prefix.
 */
static bool ends_in_comment(struct span line, bool inside)
{
	bool quoted = false;

	if (!inside && !memmem(line.at, line.len, "/*", 2))
		return false;
	for (size_t i = 0; i + 1 < line.len; i++) {
		if (inside ? !memcmp(line.at + i, "*/", 2)
			   : !quoted && i && !memcmp(line.at + i - 1, " /*", 3)) {
			inside = !inside;
			i++;
		} else if (!inside && line.at[i] == '"') {
			quoted = !quoted;
		}
	}
	return inside;
}

/* A comment may have more than one line, and in it anything. */
static void comment_line(struct readback *r, struct text *to, struct span line)
{
	r->quoted = ends_in_comment(line, true);
	if (r->hides)
		return;
	if (r->owes && !r->quoted)
		print_op_at_end(to, line, r->op);
	else
		text_span(to, line);
}

/*
 * The rule that stands in for one whose helper chain is not there: its target is
 * another, and the chain's name is a comment at its end.
 */
static void absent_line(struct text *to, struct span line, const char *helper)
{
	struct span row = span_without_newline(line);
	const char *end = memmem(row.at, row.len, "/* zz-mark-", strlen("/* zz-mark-"));
	struct mark_op op;

	if (!span_starts(row, "CONNMARK ") || !end || !helper_parse(&op, helper, strlen(helper))) {
		text_span(to, line);
		return;
	}
	row = span_from(row, strlen("CONNMARK"));
	text_puts(to, "MARK");
	text_add(to, row.at, (size_t)(end - row.at));
	print_op(to, op);
	text_puts(to, "\n");
}

/* A chain's line, its columns' names, its rules. */
static void count_row(struct readback *r, struct span line)
{
	if (span_starts(line, "Chain ")) {
		r->hides = is_helper(word_of(span_from(line, 6)));
		r->heading = true;
		return;
	}
	r->rules += !r->heading && !r->hides;
	r->heading = false;
}

static void list_line(struct readback *r, struct text *to, struct span line)
{
	if (goes_on(r, line)) {
		comment_line(r, to, line);
		return;
	}
	r->quoted = ends_in_comment(line, false);
	if (*line.at == '\n') {
		r->blank = true;
		return;
	}
	count_row(r, line);
	if (r->hides) {
		r->blank = false;
		return;
	}
	if (r->blank)
		text_puts(to, "\n");
	r->blank = false;
	row_line(r, to, line, true);
}

/* "*TABLE", "COMMIT", and rules, with or without counters. */
static void count_line(struct readback *r, struct span line)
{
	if (*line.at == '*') {
		r->table = table_find(span_without_newline(span_from(line, 1)));
		r->in_table = true;
		r->rules = 0;
	} else if (*line.at == 'C') {
		r->in_table = false;
	} else {
		r->rules += !r->drops && (*line.at == '[' || span_starts(line, "-A "));
	}
}

/* A comment may have more than one line, and in it anything. */
static void saved_line(struct readback *r, struct text *to, struct span line)
{
	const bool inside = goes_on(r, line);

	r->quoted = (inside || *line.at != '#') && ends_quoted(line, inside);
	r->drops = inside ? r->drops : about_helper(line);
	if (!inside)
		count_line(r, line);
	if (r->drops)
		return;
	if (r->quoted)
		text_span(to, line);
	else
		rule_line(to, line);
}

void readback_line(struct readback *r, struct text *to, struct span line)
{
	if (!line.len && r->blank)
		text_puts(to, "\n");
	if (!line.len)
		return;
	if (r->lists)
		list_line(r, to, line);
	else if (r->absent)
		absent_line(to, line, r->absent);
	else if (r->shows)
		row_line(r, to, line, false);
	else
		saved_line(r, to, line);
}
