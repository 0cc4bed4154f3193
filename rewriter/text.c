#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Room for `more` bytes and the terminator. */
static bool reserve(struct text *t, size_t more)
{
	size_t room = t->room ? t->room : 256;
	char *at;

	if (t->failed || more < t->room - t->len)
		return !t->failed;
	while (room - t->len <= more)
		room *= 2;
	at = realloc(t->at, room);
	if (!at) {
		t->failed = true;
		return false;
	}
	t->at = at;
	t->room = room;
	return true;
}

void text_add(struct text *t, const void *bytes, size_t len)
{
	if (!reserve(t, len))
		return;
	if (len)
		memcpy(t->at + t->len, bytes, len);
	t->len += len;
	t->at[t->len] = '\0';
}

void text_span(struct text *t, struct span s)
{
	text_add(t, s.at, s.len);
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0 || !reserve(t, (size_t)n))
		return;
	va_start(args, fmt);
	vsnprintf(t->at + t->len, (size_t)n + 1, fmt, args);
	va_end(args);
	t->len += (size_t)n;
}

void text_release(struct text *t)
{
	free(t->at);
	*t = (struct text){ 0 };
}
