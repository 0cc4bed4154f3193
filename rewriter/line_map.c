#include "line_map.h"

#include <ctype.h>
#include <stdlib.h>

static int grow(struct line_map *m)
{
	size_t room = m->room ? m->room * 2 : 16;
	struct line_map_entry *at = realloc(m->at, room * sizeof(*at));

	if (!at)
		return -1;
	m->at = at;
	m->room = room;
	return 0;
}

int line_map_add(struct line_map *m, const struct rewrite_piece *piece)
{
	if (piece->lines_in == piece->lines_out)
		return 0;
	if ((!m->at || m->n == m->room) && grow(m) < 0)
		return -1;
	m->at[m->n++] = (struct line_map_entry){
		.out = piece->line + m->more,
		.in = piece->line,
		.lines_out = piece->lines_out,
		.lines_in = piece->lines_in,
	};
	m->more += piece->lines_out - piece->lines_in;
	return 0;
}

size_t line_map_back(const struct line_map *m, size_t out)
{
	const struct line_map_entry *e;
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->at[mid].out <= out)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return out;
	e = &m->at[low - 1];
	/* a helper chain's lines belong to the rule that wanted it */
	if (out < e->out + e->lines_out)
		return e->in;
	return e->in + e->lines_in + (out - e->out - e->lines_out);
}

/* What stands before a line number in the messages of 1.8.2 to 1.8.11. */
static const struct {
	const char *start, *end;	/* between the two are names, which have no blanks */
} messages[] = {
	{ "Error occurred at line: ", "" },
	{ "COMMIT expected at line ", "" },
	{ "line ", "" },		/* "line N failed", "line N: RULE_APPEND failed (...)" */
	{ "Bad line ", "" },
	{ "Can't set policy `", "' line " },
};

/* Its length, if the message starts with it. */
static size_t before_number(struct span s)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		const char *end = memmem(s.at, s.len, messages[i].end, strlen(messages[i].end));
		size_t len;

		if (!span_starts(s, messages[i].start) || !end)
			continue;
		len = *messages[i].end ? (size_t)(end - s.at) + strlen(messages[i].end)
			: strlen(messages[i].start);
		if (s.len > len && isdigit((unsigned char)s.at[len]))
			return len;
	}
	return 0;
}

static size_t digits(struct span s, size_t *number)
{
	size_t n = 0;

	*number = 0;
	for (; n < s.len && n < 18 && isdigit((unsigned char)s.at[n]); n++)
		*number = *number * 10 + (size_t)(s.at[n] - '0');
	return n;
}

/*
 * The length of a program's name and version at the start, with the colon and blank
 * behind it.  Quotes are in neither, so what a message quotes is never taken for one.
 */
static size_t program_name(struct span message)
{
	const char *colon = memmem(message.at, message.len, ": ", 2);

	for (const char *c = message.at; colon && c < colon; c++)
		if (!isalnum((unsigned char)*c) && !strchr(" .-_()", *c))
			return 0;
	return colon ? (size_t)(colon - message.at) + 2 : 0;
}

/* Only at the start and behind the program's name, which nft says twice. */
void line_map_message(const struct line_map *m, struct text *to, struct span message)
{
	size_t skip = 0, before = before_number(message), number;

	for (int names = 0; !before && names < 2; names++) {
		skip += program_name(span_from(message, skip));
		before = before_number(span_from(message, skip));
	}
	if (before) {
		text_add(to, message.at, skip + before);
		message = span_from(message, skip + before);
		message = span_from(message, digits(message, &number));
		text_printf(to, "%zu", line_map_back(m, number));
	}
	text_span(to, message);
}

void line_map_release(struct line_map *m)
{
	free(m->at);
	*m = (struct line_map){ 0 };
}
