#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "doctor.h"
#include "escape.h"
#include "json.h"
#include "log_patterns.h"
#include "own.h"

#define LINE_MAX_SEEN ((size_t)1 << 20)	/* some clients log whole rulesets in a line */
#define SHOWN_EACH 3
#define SHOWN_BEFORE 160		/* bytes in front of what was recognised */
#define SHOWN_MAX 480

struct reading {
	struct text *to;
	bool json;
	uint64_t lines;
	uint64_t n[LOG_PATTERNS_MAX], last[LOG_PATTERNS_MAX];
	uint64_t verdicts[LOG_VERDICTS];
};

static void say_words(struct reading *r, const struct log_pattern *p, struct span text)
{
	text_printf(r->to, "line %" PRIu64 ": %s: %s\n        ", r->lines,
		    log_verdict_name(p->verdict), p->means);
	escape_text(r->to, text, SHOWN_MAX);
	text_puts(r->to, "\n");
}

static void say_json(struct reading *r, const struct log_pattern *p, struct span text)
{
	json_open(r->to, NULL, "{");
	json_number(r->to, "line", (int64_t)r->lines);
	json_text(r->to, "verdict", log_verdict_name(p->verdict));
	json_text(r->to, "means", p->means);
	json_span(r->to, "text", text);
	json_close(r->to, "}");
}

static void see(struct reading *r, struct span line)
{
	size_t at;
	int which;

	r->lines++;
	which = log_patterns_find(line, &at);
	if (which < 0)
		return;
	r->verdicts[log_patterns[which].verdict]++;
	r->last[which] = r->lines;
	if (++r->n[which] > SHOWN_EACH)
		return;
	line = span_from(line, at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0);
	if (r->json)
		say_json(r, &log_patterns[which], (struct span){
			line.at, line.len < SHOWN_MAX ? line.len : SHOWN_MAX });
	else
		say_words(r, &log_patterns[which], line);
}

/* Whole lines, as far as there is room for them; returns 0, or -1 if reading failed. */
static int read_lines(struct reading *r, FILE *f)
{
	static char line[LINE_MAX_SEEN];
	size_t len = 0;
	bool any = false;
	int c;

	while ((c = getc_unlocked(f)) != EOF) {
		any = true;
		if (c != '\n') {
			if (len < sizeof(line))
				line[len++] = (char)c;
			continue;
		}
		see(r, (struct span){ line, len });
		len = 0;
		any = false;
	}
	if (any)
		see(r, (struct span){ line, len });
	return ferror(f) ? -1 : 0;
}

static void say_others(const struct reading *r)
{
	for (size_t i = 0; i < LOG_PATTERNS_MAX; i++)
		if (r->n[i] > SHOWN_EACH)
			text_printf(r->to, "%" PRIu64 " more: %s: %s; the last in line %" PRIu64 "\n",
				    r->n[i] - SHOWN_EACH, log_verdict_name(log_patterns[i].verdict),
				    log_patterns[i].means, r->last[i]);
	text_printf(r->to, "%" PRIu64 " lines read:", r->lines);
	for (int v = 0; v < LOG_VERDICTS; v++)
		text_printf(r->to, "%s %" PRIu64 " %s", v ? "," : "", r->verdicts[v],
			    log_verdict_name(v));
	text_puts(r->to, "\n");
}

static void say_counts(const struct reading *r)
{
	json_close(r->to, "]");
	json_number(r->to, "lines", (int64_t)r->lines);
	json_open(r->to, "counts", "{");
	for (int v = 0; v < LOG_VERDICTS; v++)
		json_number(r->to, log_verdict_name(v), (int64_t)r->verdicts[v]);
	json_close(r->to, "}");
}

int doctor_log(struct text *to, const char *path, bool json, struct err *e)
{
	static struct reading r;
	const bool standard = !strcmp(path, "-");
	FILE *f = standard ? stdin : fopen(path, "re");
	int result;

	r = (struct reading){ .to = to, .json = json };
	if (!f)
		return err_sys(e, "the log `%s'", path);
	if (json)
		json_open(to, "found", "[");
	result = read_lines(&r, f);
	if (result < 0)
		err_sys(e, "the log `%s'", path);
	if (!standard)
		fclose(f);
	if (result < 0)
		return -1;
	if (json)
		say_counts(&r);
	else
		say_others(&r);
	return r.verdicts[LOG_CAUSE] || r.verdicts[LOG_MAYBE] || r.verdicts[LOG_OTHER] ?
		DOCTOR_PROBLEM : DOCTOR_OK;
}
