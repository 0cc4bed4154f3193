/* escape.h - text from elsewhere, made harmless for a log or a terminal. */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"
#include "text.h"

/*
 * Appends `s` with every byte that isn't printable UTF-8 (control characters of
 * both sets, delete, broken sequences) as \xNN and a backslash doubled.  A tab stays.
 * At most `max` bytes of s are shown; "..." stands for the rest.
 */
void escape_text(struct text *to, struct span s, size_t max);

/*
 * The same as a JSON string with its quotes.  Control characters are \u00NN, so
 * that a reader gets the bytes back; what is no UTF-8 is shown as U+FFFD.
 */
void escape_json(struct text *to, struct span s, size_t max);

#endif
