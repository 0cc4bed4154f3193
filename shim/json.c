#include "json.h"

#include <inttypes.h>

#include "escape.h"

static void put_key(struct text *to, const char *key)
{
	if (to->len && !strchr("{[", to->at[to->len - 1]))
		text_puts(to, ",");
	if (key)
		text_printf(to, "\"%s\":", key);
}

void json_open(struct text *to, const char *key, const char *open)
{
	put_key(to, key);
	text_puts(to, open);
}

void json_close(struct text *to, const char *close)
{
	text_puts(to, close);
}

void json_span(struct text *to, const char *key, struct span value)
{
	put_key(to, key);
	escape_json(to, value, JSON_TEXT_MAX);
}

void json_text(struct text *to, const char *key, const char *value)
{
	if (value)
		json_span(to, key, span_of(value));
	else
		json_null(to, key);
}

void json_number(struct text *to, const char *key, int64_t value)
{
	put_key(to, key);
	text_printf(to, "%" PRId64, value);
}

void json_bool(struct text *to, const char *key, bool value)
{
	put_key(to, key);
	text_puts(to, value ? "true" : "false");
}

void json_null(struct text *to, const char *key)
{
	put_key(to, key);
	text_puts(to, "null");
}
