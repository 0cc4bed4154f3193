/*
 * Text made harmless: what comes out can be read back to what went in, and holds nothing that
 * a terminal or a JSON reader would trip over.  Input: how much may be shown, then the text.
 */
#include "escape.h"
#include "fuzz.h"

/* Unicode's table 3-7: a first byte, the range of the second, and how many there are. */
static const struct sequence {
	unsigned char first, last, second, second_last;
	size_t len;
} sequences[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static bool fits(struct span s, const struct sequence *q)
{
	const unsigned char *at = (const unsigned char *)s.at;

	if (s.len < q->len || at[0] < q->first || at[0] > q->last)
		return false;
	if (q->len > 1 && (at[1] < q->second || at[1] > q->second_last))
		return false;
	for (size_t i = 2; i < q->len; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return false;
	return true;
}

/* How many bytes the character at the front has; 0 if it is none. */
static size_t character(struct span s)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (fits(s, &sequences[i]))
			return sequences[i].len;
	return 0;
}

/* What no terminal may get: control characters, and what turns the direction of the text. */
static void must_be_harmless(struct span s, bool tab)
{
	size_t len;

	for (; s.len; s = span_from(s, len)) {
		const unsigned char *at = (const unsigned char *)s.at;

		len = character(s);
		fuzz_must(len, "UTF-8 comes out");
		fuzz_must(len > 1 || (*at >= 0x20 && *at != 0x7f) || (tab && *at == '\t'),
			  "no control character");
		fuzz_must(len != 2 || at[0] != 0xc2 || at[1] >= 0xa0, "none of the second set");
		fuzz_must(len != 3 || memcmp(at, "\xe2\x80\xae", 3) != 0, "no change of direction");
	}
}

static uint32_t take_hex(struct span *s, size_t digits)
{
	uint32_t n = 0;

	while (digits--) {
		const char *hex = "0123456789abcdef";
		const char *at = memchr(hex, fuzz_byte(s), 16);

		fuzz_must(at, "hex digits");
		n = n * 16 + (uint32_t)(at - hex);
	}
	return n;
}

static void add_point(struct text *t, uint32_t point)
{
	const char three[] = { (char)(0xe0 | point >> 12), (char)(0x80 | (point >> 6 & 0x3f)),
			       (char)(0x80 | (point & 0x3f)) };
	const char two[] = { (char)(0xc0 | point >> 6), three[2] }, one = (char)point;

	if (point < 0x80)
		text_add(t, &one, 1);
	else if (point < 0x800)
		text_add(t, two, 2);
	else
		text_add(t, three, 3);
}

/* Reads back what is escaped as \uNNNN in JSON, else as \xNN, or by a backslash alone. */
static void decode(struct text *t, struct span s, bool json)
{
	while (s.len) {
		char c = (char)fuzz_byte(&s);
		bool escaped = c == '\\';

		c = escaped ? (char)fuzz_byte(&s) : c;
		fuzz_must(escaped || !json || c != '"', "no quote inside of quotes");
		if (escaped && c == 'u' && json) {
			add_point(t, take_hex(&s, 4));
			continue;
		}
		if (escaped && c == 'x' && !json)
			c = (char)take_hex(&s, 2);
		else
			fuzz_must(!escaped || c == '\\' || (json && c == '"'), "a known escape");
		text_add(t, &c, 1);
	}
}

/* The whole characters of `s` that fit in `max` bytes, and "..." for the rest. */
static void cut(struct text *t, struct span s, size_t max, bool json)
{
	while (s.len) {
		size_t len = character(s), bytes = len ? len : 1;

		if (bytes > max) {
			text_puts(t, "...");
			return;
		}
		if (json && !len)
			text_puts(t, "\xef\xbf\xbd");
		else
			text_add(t, s.at, bytes);
		s = span_from(s, bytes);
		max -= bytes;
	}
}

static void check(struct span s, size_t max, bool json)
{
	struct text escaped = { 0 }, back = { 0 }, want = { 0 };
	struct span inside;

	(json ? escape_json : escape_text)(&escaped, s, max);
	inside = fuzz_text(&escaped);
	must_be_harmless(inside, !json);
	if (json) {
		fuzz_must(inside.len >= 2 && escaped.at[0] == '"' &&
			  escaped.at[inside.len - 1] == '"', "a string in quotes");
		inside = (struct span){ escaped.at + 1, inside.len - 2 };
	}
	decode(&back, inside, json);
	cut(&want, s, max, json);
	fuzz_same(fuzz_text(&want), fuzz_text(&back), "it reads back");
	text_release(&escaped);
	text_release(&back);
	text_release(&want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = { (const char *)data, size };
	size_t max = fuzz_byte(&input);

	check(input, max == 255 ? SIZE_MAX : max, false);
	check(input, max == 255 ? SIZE_MAX : max, true);
	return 0;
}
