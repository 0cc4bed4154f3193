#include "escape.h"

/* One character of a text in UTF-8. */
struct character {
	struct span bytes;	/* one byte if it is none */
	uint32_t point;
	bool valid;
};

/* The one at the front of s, which is not empty. */
static struct character decode(struct span s)
{
	unsigned char first = (unsigned char)s.at[0];
	size_t len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 :
		first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
	uint32_t point = len == 1 ? first : first & (0x7fu >> len);

	if (!len || len > s.len)
		goto broken;
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)s.at[i] & 0xc0) != 0x80)
			goto broken;
		point = point << 6 | ((unsigned char)s.at[i] & 0x3f);
	}
	/* overlong forms, surrogates, beyond Unicode */
	if ((len == 3 && point < 0x800) || (point >= 0xd800 && point < 0xe000) ||
	    (len == 4 && point < 0x10000) || point > 0x10ffff)
		goto broken;
	return (struct character){ { s.at, len }, point, true };
broken:
	return (struct character){ { s.at, 1 }, 0, false };
}

/* What a terminal or pager acts on instead of showing it. */
static bool is_control(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0, 0x1f }, { 0x7f, 0x9f },
		{ 0x61c, 0x61c }, { 0x200b, 0x200f },	/* marks of direction, no width */
		{ 0x2028, 0x202e }, { 0x2060, 0x206f },	/* line ends, directions */
		{ 0xfeff, 0xfeff },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

/* Takes a character of up to *max bytes off *s; one of none if it is longer. */
static struct character take(struct span *s, size_t *max)
{
	struct character c = decode(*s);

	if (c.bytes.len > *max)
		return (struct character){ { s->at, 0 }, 0, false };
	*max -= c.bytes.len;
	*s = span_from(*s, c.bytes.len);
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
		struct character c = take(&s, &max);

		if (!c.bytes.len) {
			text_puts(to, "...");
			return;
		}
		if (c.point == '\\')
			text_puts(to, "\\\\");
		else if (c.point != '\t' && (!c.valid || is_control(c.point)))
			hex(to, c.bytes);
		else
			text_span(to, c.bytes);
	}
}

void escape_json(struct text *to, struct span s, size_t max)
{
	text_puts(to, "\"");
	while (s.len) {
		struct character c = take(&s, &max);

		if (!c.bytes.len) {
			text_puts(to, "...");
			break;
		}
		if (!c.valid)
			text_puts(to, "\\ufffd");
		else if (is_control(c.point))
			text_printf(to, "\\u%04x", c.point);
		else if (c.point == '"' || c.point == '\\')
			text_printf(to, "\\%c", (char)c.point);
		else
			text_span(to, c.bytes);
	}
	text_puts(to, "\"");
}
