/* json.h - says facts as JSON. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"
#include "text.h"

/*
 * Appends to a text, with commas where they belong.  `key` is a constant that needs
 * no escaping, NULL inside an array.
 */
#define JSON_TEXT_MAX 65536	/* bytes of one string; the rest is "..." */

/* open: "{" or "["; close: "}" or "]". */
void json_open(struct text *to, const char *key, const char *open);
void json_close(struct text *to, const char *close);
void json_span(struct text *to, const char *key, struct span value);
void json_text(struct text *to, const char *key, const char *value);	/* NULL: null */
void json_number(struct text *to, const char *key, int64_t value);
void json_bool(struct text *to, const char *key, bool value);
void json_null(struct text *to, const char *key);

#endif
