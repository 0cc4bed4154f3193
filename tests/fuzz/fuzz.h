/* fuzz.h - what all targets share.  Each is a libFuzzer program of one file. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "span.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run, with the input kept, unless what the target promises holds. */
static inline void fuzz_must(bool holds, const char *promise)
{
	if (holds)
		return;
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

/* The same for two texts, which are shown. */
static inline void fuzz_same(struct span want, struct span got, const char *promise)
{
	if (span_same(want, got))
		return;
	fprintf(stderr, "wanted:\n%.*s\ngot:\n%.*s\n", SPAN_ARG(want), SPAN_ARG(got));
	fuzz_must(false, promise);
}

/* Takes the next byte off an input; 0 at its end. */
static inline unsigned char fuzz_byte(struct span *s)
{
	unsigned char c = s->len ? (unsigned char)*s->at : 0;

	if (s->len)
		*s = span_from(*s, 1);
	return c;
}

static inline struct span fuzz_text(const struct text *t)
{
	return (struct span){ t->len ? t->at : "", t->len };
}

#endif
