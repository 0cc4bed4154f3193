#include "scan.h"

#include <stdint.h>

struct span scan_rule(struct span line)
{
	const char *end = *line.at == '[' ? memchr(line.at, ']', line.len) : NULL;

	return end ? span_from(line, (size_t)(end + 1 - line.at)) : line;
}

/*
 * What stands before the last letter of MARK in a word: the R, or what may come
 * between the two in quotes.  In zz-mark-, the z stands before the first dash.
 * KUBE-MARK-MASQ, which every second rule of kube-proxy has, must not look like it.
 */
static inline uint8_t hint(const char *s)
{
	uint8_t mark = (s[0] == 'K') & (s[1] != '-') &
		((s[-1] == 'R') | (s[-1] == '"') | (s[-1] == '\\'));
	uint8_t helper = (s[0] == '-') & (s[-1] == 'z');

	return mark | helper;
}

/* A constant number of bytes, so that the compiler makes vectors of them. */
#define BLOCK 32

static bool any_hint(const char *s, size_t len)
{
	uint8_t found = 0;

	for (; len >= BLOCK && !found; s += BLOCK, len -= BLOCK)
		for (size_t i = 0; i < BLOCK; i++)
			found |= hint(s + i);
	for (; len && !found; s++, len--)
		found |= hint(s);
	return found;
}

bool scan_may_matter(struct span rule)
{
	/* a usual command; anything else is rare enough to be parsed */
	bool usual = rule.len > 3 && rule.at[0] == '-' && strchr("ADI", rule.at[1]) &&
		rule.at[2] == ' ';

	if (!usual)
		return true;
	/* hint() looks at one byte on either side; the last byte is looked at alone */
	if (any_hint(rule.at + 3, rule.len - 4))
		return true;
	return rule.at[rule.len - 1] == 'K';
}
