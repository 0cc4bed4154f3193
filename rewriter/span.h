/* span.h - part of a text that somebody else owns. */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Borrowed, not terminated, good as long as the text is.  len is in bytes. */
struct span {
	const char *at;
	size_t len;
};

static inline struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

static inline struct span span_from(struct span s, size_t skip)
{
	return (struct span){ s.at + skip, s.len - skip };
}

static inline bool span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.at, text, s.len);
}

static inline bool span_same(struct span a, struct span b)
{
	return a.len == b.len && (!a.len || a.at == b.at || !memcmp(a.at, b.at, a.len));
}

static inline bool span_starts(struct span s, const char *text)
{
	return s.len >= strlen(text) && !memcmp(s.at, text, strlen(text));
}

static inline struct span span_without_newline(struct span s)
{
	if (s.len && s.at[s.len - 1] == '\n')
		s.len--;
	return s;
}

/* For printf's "%.*s". */
#define SPAN_ARG(s) (int)(s).len, (s).at

#endif
