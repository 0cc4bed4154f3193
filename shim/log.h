/* log.h - the record of what markshim did. */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>	/* priorities */

#include "caller.h"
#include "conf.h"
#include "span.h"

/*
 * Where records go: to syslog, to a file as JSON lines, to standard error, as the
 * configuration says.  Opened with the first record, and nothing that fails here
 * is ever an error: the rules come first.  No call waits for a reader.
 */
struct log {
	const struct conf *conf;	/* borrowed and kept */
	const char *applet;		/* likewise */
	bool opened;
	int socket, file;		/* -1 if there is none */
	struct caller caller;
};

/* A key and what it holds: a text (at not NULL), or a number. */
struct log_field {
	const char *key;
	struct span text;
	int64_t number;
};

static inline struct log_field log_span(const char *key, struct span text)
{
	return (struct log_field){ .key = key, .text = text };
}

static inline struct log_field log_text(const char *key, const char *text)
{
	return log_span(key, span_of(text));
}

static inline struct log_field log_number(const char *key, int64_t number)
{
	return (struct log_field){ .key = key, .number = number };
}

void log_begin(struct log *l, const struct conf *conf, const char *applet);
void log_end(struct log *l);

/*
 * One record: the fields, after time, event, applet and caller.  Texts are
 * escaped, and cut at LOG_TEXT_MAX bytes.
 */
#define LOG_TEXT_MAX 4096
void log_record(struct log *l, int priority, const char *event, const struct log_field *fields,
		size_t n);

/* A record of one sentence. */
void log_note(struct log *l, int priority, const char *text);

#endif
