#include "escape.h"

/* The length of the UTF-8 sequence at the front, or 0 if it is broken. */
static size_t utf8_len(struct span s)
{
	unsigned char first = (unsigned char)s.at[0];
	size_t len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 :
		first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
	uint32_t point = len == 1 ? first : first & (0x7fu >> len);

	if (len > s.len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)s.at[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | ((unsigned char)s.at[i] & 0x3f);
	}
	/* overlong forms, surrogates, beyond Unicode */
	if ((len == 3 && point < 0x800) || (point >= 0xd800 && point < 0xe000) ||
	    (len == 4 && point < 0x10000) || point > 0x10ffff)
		return 0;
	return len;
}

/* Control characters of both sets: below space, delete, and U+0080 to U+009F. */
static bool is_control(struct span s, size_t len)
{
	unsigned char first = (unsigned char)s.at[0];

	return first < ' ' || first == 0x7f ||
		(len == 2 && first == 0xc2 && (unsigned char)s.at[1] < 0xa0);
}

/* Takes up to `max` bytes off *s, but no part of a sequence. */
static struct span take(struct span *s, size_t max)
{
	size_t len = utf8_len(*s);
	struct span c = { s->at, len ? len : 1 };

	if (c.len > max)
		return (struct span){ s->at, 0 };
	*s = span_from(*s, c.len);
	return c;
}

static void hex(struct text *to, struct span c)
{
	for (size_t i = 0; i < c.len; i++)
		text_printf(to, "\\x%02x", (unsigned char)c.at[i]);
}

void escape_text(struct text *to, struct span s, size_t max)
{
	while (s.len) {
		struct span c = take(&s, max);

		if (!c.len) {
			text_puts(to, "...");
			return;
		}
		max -= c.len;
		if (*c.at == '\\')
			text_puts(to, "\\\\");
		else if (*c.at != '\t' && (!utf8_len(c) || is_control(c, c.len)))
			hex(to, c);
		else
			text_span(to, c);
	}
}

void escape_json(struct text *to, struct span s, size_t max)
{
	text_puts(to, "\"");
	while (s.len) {
		struct span c = take(&s, max);

		if (!c.len) {
			text_puts(to, "...");
			break;
		}
		max -= c.len;
		if (!utf8_len(c))
			text_puts(to, "\\ufffd");
		else if (is_control(c, c.len))
			text_printf(to, "\\u%04x", (unsigned char)c.at[c.len - 1]);
		else if (*c.at == '"' || *c.at == '\\')
			text_printf(to, "\\%c", *c.at);
		else
			text_span(to, c);
	}
	text_puts(to, "\"");
}
