/* text.h - a text that grows. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

/*
 * Zero-initialised is valid and empty.  at[len] is '\0' as soon as anything was
 * added.  Once memory runs out `failed` is set, everything added afterwards is
 * dropped, and only text_release() makes the struct usable again: check `failed`
 * once, at the end.
 */
struct text {
	char *at;
	size_t len, room;	/* bytes */
	bool failed;
};

void text_add(struct text *t, const void *bytes, size_t len);
void text_span(struct text *t, struct span s);
void text_puts(struct text *t, const char *s);
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Frees what is held; the struct is empty again. */
void text_release(struct text *t);

#define OWN_TEXT __attribute__((cleanup(text_release)))

#endif
