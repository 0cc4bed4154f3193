/*
 * The filter of what *-save, -S and -L print.  Where no helper chain is named the output is
 * the input; a save that is filtered again does not change; and the rules are counted right.
 * Input: what is printed (0 a save, 1 a list, 2 and 3 the rules of -v), the columns before a list's
 * target, then the text.
 */
#include "fuzz.h"
#include "helper.h"
#include "readback.h"

static bool next(struct span *rest, struct span *line)
{
	const char *newline = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;

	*line = *rest;
	if (newline)
		line->len = (size_t)(newline + 1 - rest->at);
	*rest = span_from(*rest, line->len);
	return line->len;
}

static struct text filter(struct span text, unsigned char how, unsigned char columns, size_t *rules)
{
	struct readback r = {
		.lists = how == 1, .shows = how == 2, .before_target = columns,
		.absent = how == 3 ? "zz-mark-1-ff" : NULL,
	};
	struct text out = { 0 };
	struct span line;

	while (next(&text, &line))
		readback_line(&r, &out, line);
	readback_line(&r, &out, line);
	if (rules)
		*rules = r.rules;
	return out;
}

/* A list has no two empty lines in a row. */
static bool is_odd_list(struct span text)
{
	return (text.len && *text.at == '\n') || memmem(text.at, text.len, "\n\n\n", 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = { (const char *)data, size };
	unsigned char how = fuzz_byte(&input) % 4, columns = fuzz_byte(&input) % 16;
	bool named = memmem(input.at, input.len, HELPER_PREFIX, strlen(HELPER_PREFIX));
	/* room for a comment that is given up, at another place when lines were dropped */
	bool endless = input.len > 512;
	struct text once, twice;
	size_t rules, again;

	once = filter(input, how, columns, &rules);
	if (!named && !(how == 1 && is_odd_list(input)))
		fuzz_same(input, fuzz_text(&once), "text without helper chains stays");
	twice = filter(fuzz_text(&once), how, columns, &again);
	if (how == 0 && !endless)
		fuzz_same(fuzz_text(&once), fuzz_text(&twice), "twice is once");
	fuzz_must(how > 1 || endless || rules == again, "the rules that are shown are those counted");
	text_release(&once);
	text_release(&twice);
	return 0;
}
