#include "lexer.h"

bool lexer_line(struct span *rest, struct span *line)
{
	size_t room = rest->len < LEXER_LINE_MAX ? rest->len : LEXER_LINE_MAX;
	const char *newline;

	if (!room)
		return false;
	newline = memchr(rest->at, '\n', room);
	*line = (struct span){ rest->at, newline ? (size_t)(newline - rest->at) + 1 : room };
	*rest = span_from(*rest, line->len);
	return true;
}

struct span lexer_visible(struct span line)
{
	const char *nul = line.len ? memchr(line.at, '\0', line.len) : NULL;

	if (nul)
		line.len = (size_t)(nul - line.at);
	return line;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

struct span lexer_strtok(struct span line, size_t n)
{
	struct span word = { line.at, 0 };

	do {
		line = span_from(line, (size_t)(word.at - line.at) + word.len);
		while (line.len && is_blank(*line.at))
			line = span_from(line, 1);
		word = (struct span){ line.at, 0 };
		while (word.len < line.len && !is_blank(line.at[word.len]))
			word.len++;
	} while (word.len && n--);
	return word;
}

/*
 * One word off the front of *rest, which starts with no blank.  A quote opens
 * anywhere and its closing quote ends the word at once; inside quotes a
 * backslash makes the next byte plain and disappears; nothing else is special.
 * Returns the number of bytes written to `text`.
 */
static size_t take_word(struct span *rest, struct lexer_word *word, char *text)
{
	bool open = false;
	size_t used = 0, i;

	word->quoted = false;
	for (i = 0; i < rest->len && !word->quoted; i++) {
		char c = rest->at[i];

		if (!open && is_blank(c))
			break;
		if (c == '"') {
			word->quoted = open;
			open = true;
		} else if (open && c == '\\') {
			if (++i == rest->len)
				break;
			text[used++] = rest->at[i];
		} else {
			text[used++] = c;
		}
	}
	text[used] = '\0';
	word->text = text;
	word->raw = (struct span){ rest->at, i };
	*rest = span_from(*rest, i);
	return used;
}

int lexer_split(struct lexer_words *w, struct span rule)
{
	char *text = w->text;

	w->n = 0;
	for (;;) {
		struct lexer_word word;
		size_t used;

		while (rule.len && is_blank(*rule.at))
			rule = span_from(rule, 1);
		if (!rule.len)
			return 0;
		used = take_word(&rule, &word, text);
		if (used > LEXER_WORD_MAX)
			return -1;
		/* A lone opening quote at the very end is no word. */
		if (!used && !word.quoted)
			return 0;
		if (w->n == LEXER_WORDS_MAX)
			return -1;
		w->at[w->n++] = word;
		text += used + 1;
	}
}
