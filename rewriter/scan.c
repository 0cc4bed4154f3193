#include "scan.h"

#include <stdint.h>

static struct span up_to(struct span s, char c)
{
	const char *at = s.len ? memchr(s.at, c, s.len) : NULL;

	return at ? (struct span){ s.at, (size_t)(at - s.at) } : s;
}

/*
 * tokenize_rule_counters() in xshared.c: strtok() for a colon, then for a bracket, each
 * of which ends the line where it finds one.  What it misses at the front, it finds in
 * the rule.
 */
struct span scan_rule(struct span line)
{
	const char *close = *line.at == '[' ? memchr(line.at, ']', line.len) : NULL;
	const char *packets = line.at + 1, *colon;
	struct span rule;

	if (!close)
		return line;
	rule = span_from(line, (size_t)(close + 1 - line.at));
	while (*packets == ':')
		packets++;
	colon = memchr(packets, ':', (size_t)(close - packets));
	if (!colon)
		return up_to(rule, ':');
	return colon + 1 < close ? rule : up_to(rule, ']');
}

/* Sixteen bytes at once, on every machine that has such registers; as gcc and clang spell it. */
typedef uint8_t block __attribute__((vector_size(16)));

static block load(const char *s)
{
	block b;

	memcpy(&b, s, sizeof(b));
	return b;
}

/*
 * Before the last letter of MARK in a word stands the R, or what may come between
 * the two in quotes.  KUBE-MARK-MASQ, which every second rule of kube-proxy has,
 * must not look like it.  Before the first dash of zz-mark- stands the z,
 * or a quote or an escape.
 * Looks at the bytes s[0] to s[15], and at one more on either side.
 */
static bool hint(const char *s)
{
	block before = load(s - 1), here = load(s), after = load(s + 1), found;
	uint64_t halves[2];

	found = (block)((here == 'K') & (after != '-') &
			((before == 'R') | (before == '"') | (before == '\\'))) |
		(block)((here == '-') &
			((before == 'z') | (before == '"') | (before == '\\')));
	memcpy(halves, &found, sizeof(halves));
	return halves[0] | halves[1];
}

/* Has any of s[0] to s[len - 1] a hint?  s[-1] and s[len] may be looked at too. */
static bool any_hint(const char *s, size_t len)
{
	char rest[sizeof(block) + 2] = { 0 };

	for (; len >= sizeof(block); s += sizeof(block), len -= sizeof(block))
		if (hint(s))
			return true;
	memcpy(rest, s - 1, len + 2);
	return hint(rest + 1);
}

bool scan_may_matter(struct span rule)
{
	/* a usual command; anything else is rare enough to be parsed */
	bool usual = rule.len > 3 && rule.at[0] == '-' && rule.at[2] == ' ' &&
		(rule.at[1] == 'A' || rule.at[1] == 'D' || rule.at[1] == 'I');

	if (!usual)
		return true;
	/* the last byte has nothing after it, and so is looked at alone */
	return any_hint(rule.at + 3, rule.len - 4) || rule.at[rule.len - 1] == 'K';
}

bool scan_may_log(struct span rule)
{
	const char *g = rule.at, *end = rule.at + rule.len;

	while (g < end && (g = memchr(g, 'G', (size_t)(end - g)))) {
		if (g > rule.at && strchr("O\"\\", g[-1]))
			return true;
		g++;
	}
	return false;
}
