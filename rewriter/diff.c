#include "diff.h"

#include <stdlib.h>

#include "escape.h"
#include "own.h"

#define CONTEXT 3

/* A run of whole lines, before and after. */
struct hunk_part {
	struct span was, is;
	size_t line_was, line_is;	/* number of the first line, from 1 */
};

/* The whole text in both states, and the parts where they differ. */
struct diff {
	struct span was;
	struct text is;
	struct edit {
		size_t was, was_len, is, is_len;	/* offsets and bytes */
	} *edits;
	size_t n_edits, room;
	struct hunk_part *parts;
	size_t n_parts;
};

static int add_edit(struct diff *d, struct edit edit)
{
	if (d->n_edits == d->room) {
		size_t room = d->room ? d->room * 2 : 64;
		struct edit *edits = realloc(d->edits, room * sizeof(*edits));

		if (!edits)
			return -1;
		d->edits = edits;
		d->room = room;
	}
	d->edits[d->n_edits++] = edit;
	return 0;
}

static int collect(struct diff *d, struct rewrite *r, struct err *e)
{
	struct rewrite_piece p;
	int more;

	while ((more = rewrite_next(r, &p, e)) == 1) {
		size_t was = (size_t)(p.in.at - d->was.at), is = d->is.len;

		text_span(&d->is, p.out);
		if (p.out.at != p.in.at && add_edit(d, (struct edit){ was, p.in.len, is,
								      p.out.len }) < 0)
			return err_set(e, "no memory for the differences");
	}
	if (d->is.failed)
		return err_set(e, "no memory for the rewritten rules");
	return more;
}

static size_t line_start(struct span text, size_t at)
{
	while (at && text.at[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(struct span text, size_t at)
{
	const char *newline;

	if (at && text.at[at - 1] == '\n')
		return at;
	newline = at < text.len ? memchr(text.at + at, '\n', text.len - at) : NULL;
	return newline ? (size_t)(newline - text.at) + 1 : text.len;
}

static struct span first_line(struct span text)
{
	return (struct span){ text.at, line_end(text, 0) };
}

static size_t count_lines(struct span text)
{
	size_t n = 0;

	while (text.len) {
		text = span_from(text, first_line(text).len);
		n++;
	}
	return n;
}

static struct span last_line(struct span text)
{
	return span_from(text, line_start(text, text.len - 1));
}

/* Lines that are alike at either end are no part of the difference. */
static void trim(struct hunk_part *p)
{
	while (p->was.len && p->is.len && span_same(first_line(p->was), first_line(p->is))) {
		size_t len = first_line(p->was).len;

		p->was = span_from(p->was, len);
		p->is = span_from(p->is, len);
		p->line_was++;
		p->line_is++;
	}
	while (p->was.len && p->is.len && span_same(last_line(p->was), last_line(p->is))) {
		size_t len = last_line(p->was).len;

		p->was.len -= len;
		p->is.len -= len;
	}
}

/* Edits that touch the same or adjacent lines become one part of whole lines. */
static int make_parts(struct diff *d, struct err *e)
{
	struct span is = { d->is.at, d->is.len };
	size_t line_was = 1, line_is = 1, done_was = 0, done_is = 0;

	d->parts = calloc(d->n_edits + 1, sizeof(*d->parts));
	if (!d->parts)
		return err_set(e, "no memory for the differences");
	for (size_t i = 0; i < d->n_edits;) {
		struct edit *first = &d->edits[i];
		size_t was = line_start(d->was, first->was), is_at = first->is - (first->was - was);
		size_t end_was, end_is;
		struct hunk_part p;

		do {
			struct edit *last = &d->edits[i];

			end_was = line_end(d->was, last->was + last->was_len);
			end_is = last->is + last->is_len + (end_was - last->was - last->was_len);
		} while (++i < d->n_edits && d->edits[i].was <= end_was);
		line_was += count_lines((struct span){ d->was.at + done_was, was - done_was });
		line_is += count_lines((struct span){ is.at + done_is, is_at - done_is });
		p = (struct hunk_part){
			.was = { d->was.at + was, end_was - was },
			.is = { is.at + is_at, end_is - is_at },
			.line_was = line_was, .line_is = line_is,
		};
		done_was = was;
		done_is = is_at;
		trim(&p);
		if (p.was.len || p.is.len)
			d->parts[d->n_parts++] = p;
	}
	return 0;
}

static const char *const colours[] = { ['-'] = "\033[31m", ['+'] = "\033[32m", ['@'] = "\033[36m" };

static void say_line(struct text *to, struct diff_style style, char mark, struct span line)
{
	struct span body = span_without_newline(line);
	const char *colour = mark == ' ' || !style.colour ? "" : colours[(unsigned char)mark];

	text_puts(to, colour);
	text_add(to, &mark, 1);
	if (style.colour)
		escape_text(to, body, SIZE_MAX);
	else
		text_span(to, body);
	text_puts(to, *colour ? "\033[m\n" : "\n");
	if (body.len == line.len)
		text_puts(to, "\\ No newline at end of file\n");
}

static void say_lines(struct text *to, struct diff_style style, char mark, struct span lines)
{
	while (lines.len) {
		struct span line = first_line(lines);

		say_line(to, style, mark, line);
		lines = span_from(lines, line.len);
	}
}

/* Up to CONTEXT lines that end at `at` and do not begin before `from`. */
static size_t context_before(struct span text, size_t from, size_t at)
{
	for (int n = 0; n < CONTEXT && at > from; n++)
		at = line_start(text, at - 1);
	return at;
}

static size_t context_after(struct span text, size_t at)
{
	for (int n = 0; n < CONTEXT && at < text.len; n++)
		at += first_line(span_from(text, at)).len;
	return at;
}

static void say_range(struct text *to, char mark, size_t line, size_t lines)
{
	/* a range without lines is named after the line before it */
	text_printf(to, " %c%zu", mark, lines ? line : line - 1);
	if (lines != 1)
		text_printf(to, ",%zu", lines);
}

/* One hunk out of parts[0..n-1], from offset `start` to `end` of what was. */
static void say_hunk(struct text *to, const struct diff *d, struct diff_style style,
		     const struct hunk_part *parts, size_t n, size_t start, size_t end)
{
	size_t at = start, lines = count_lines((struct span){ d->was.at + start, end - start });
	size_t before = count_lines((struct span){ d->was.at + start,
						   (size_t)(parts[0].was.at - d->was.at) - start });
	size_t lines_is = lines;

	for (size_t i = 0; i < n; i++)
		lines_is = lines_is + count_lines(parts[i].is) - count_lines(parts[i].was);
	text_puts(to, style.colour ? colours['@'] : "");
	text_puts(to, "@@");
	say_range(to, '-', parts[0].line_was - before, lines);
	say_range(to, '+', parts[0].line_is - before, lines_is);
	text_puts(to, style.colour ? " @@\033[m\n" : " @@\n");
	for (size_t i = 0; i < n; i++) {
		size_t part = (size_t)(parts[i].was.at - d->was.at);

		say_lines(to, style, ' ', (struct span){ d->was.at + at, part - at });
		say_lines(to, style, '-', parts[i].was);
		say_lines(to, style, '+', parts[i].is);
		at = part + parts[i].was.len;
	}
	say_lines(to, style, ' ', (struct span){ d->was.at + at, end - at });
}

static void say_hunks(struct text *to, const struct diff *d, struct diff_style style)
{
	size_t end = 0;

	for (size_t i = 0, n; i < d->n_parts; i += n) {
		const struct hunk_part *p = &d->parts[i];
		size_t start = context_before(d->was, end, (size_t)(p->was.at - d->was.at));

		n = 0;
		do {
			end = (size_t)(p[n].was.at - d->was.at) + p[n].was.len;
			end = context_after(d->was, end);
			n++;
		} while (i + n < d->n_parts &&
			 context_before(d->was, 0, (size_t)(p[n].was.at - d->was.at)) <= end);
		say_hunk(to, d, style, p, n, start, end);
	}
}

/* a/NAME as git writes it: in quotes and escaped if it has any odd byte. */
static void say_name(struct text *to, const char *mark, const char *dir, const char *name)
{
	bool odd = false;

	for (const char *c = name; *c; c++)
		odd |= (unsigned char)*c <= ' ' || *c == '"' || *c == '\\' || *c == 0x7f;
	text_printf(to, odd ? "%s \"%s" : "%s %s", mark, dir);
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c < ' ' || c == 0x7f)
			text_printf(to, "\\%03o", c);
		else if (c == '"' || c == '\\')
			text_printf(to, "\\%c", c);
		else
			text_add(to, name, 1);
	}
	text_puts(to, odd ? "\"\n" : "\n");
}

/* The length of what leads out of the present directory: neither tool follows it. */
static size_t outside(const char *name)
{
	static const char *const ways[] = { "/", "./", "../" };
	const char *at = name;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strncmp(at, ways[i], strlen(ways[i]))) {
			at += strlen(ways[i]);
			i = (size_t)-1;
		}
	return (size_t)(at - name);
}

int diff_rewrite(struct text *to, const struct rewrite_job *job, const char *name,
		 struct diff_style style, struct err *e)
{
	struct diff d = { .was = job->rules };
	OWN_MEM struct rewrite *r = malloc(sizeof(*r));
	int result;

	if (!r)
		return err_set(e, "no memory to rewrite in");
	rewrite_begin(r, job);
	result = collect(&d, r, e);
	rewrite_end(r);
	if (!result)
		result = make_parts(&d, e);
	if (!result && d.n_parts) {
		name += outside(name);
		say_name(to, "---", "a/", name);
		say_name(to, "+++", "b/", name);
		say_hunks(to, &d, style);
	}
	if (!result && to->failed)
		result = err_set(e, "no memory for the differences");
	text_release(&d.is);
	free(d.edits);
	free(d.parts);
	return result;
}
