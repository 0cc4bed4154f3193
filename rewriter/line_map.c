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

/*
 * The length of "line 12" or "line: 12" up to the number, if one begins at s.
 * Messages of 1.8.2 to 1.8.11: "Error occurred at line: N", "NAME: line N failed",
 * "line N: RULE_APPEND failed (...)", "COMMIT expected at line N".
 */
static size_t before_number(struct span s)
{
	static const char *const words[] = { "line ", "line: " };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);

		if (span_starts(s, words[i]) && s.len > len && isdigit((unsigned char)s.at[len]))
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

void line_map_message(const struct line_map *m, struct text *to, struct span message)
{
	bool inside = false;	/* a word, so that `inline 5' is none of ours */
	size_t number, skip;

	while (message.len) {
		skip = inside ? 0 : before_number(message);
		if (skip) {
			text_add(to, message.at, skip);
			message = span_from(message, skip);
			message = span_from(message, digits(message, &number));
			text_printf(to, "%zu", line_map_back(m, number));
		}
		if (message.len) {
			inside = isalnum((unsigned char)*message.at) || *message.at == '-';
			text_add(to, message.at, 1);
			message = span_from(message, 1);
		}
	}
}

void line_map_release(struct line_map *m)
{
	free(m->at);
	*m = (struct line_map){ 0 };
}
