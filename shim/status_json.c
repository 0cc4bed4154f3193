#include "json.h"
#include "probe.h"
#include "real_version.h"
#include "shim.h"
#include "status.h"

static void say_rules(struct text *to, const struct status_family *f)
{
	json_open(to, "rules", "[");
	for (size_t i = 0; i < f->n_rules; i++) {
		const struct status_rules *r = &f->rules[i];

		for (int t = 0; t < TABLE_COUNT; t++) {
			json_open(to, NULL, "{");
			json_text(to, "backend", backend_name(r->backend));
			json_text(to, "table", table_name(t));
			if (r->known) {
				json_number(to, "rewritten", (int64_t)r->jumps[t]);
				json_number(to, "unused_chains", (int64_t)r->unused[t]);
			} else {
				json_null(to, "rewritten");
				json_null(to, "unused_chains");
			}
			json_close(to, "}");
		}
	}
	json_close(to, "]");
}

static void say_front(struct text *to, const struct status_family *f)
{
	char command[FRONT_COMMAND_MAX];

	json_open(to, "front", "{");
	json_text(to, "callers_run", *f->runs ? f->runs : NULL);
	json_bool(to, "is_markshim", f->order == PATH_ORDER_MARKSHIM);
	json_bool(to, "alternatives", f->front.known);
	json_text(to, "group", f->front.known ? f->front.group : NULL);
	json_text(to, "selected", *f->front.selected ? f->front.selected : NULL);
	json_bool(to, "offered", f->front.offered);
	json_bool(to, "pinned", f->front.pinned);
	json_bool(to, "active", f->front.active);
	front_activation(command, &f->front);
	json_text(to, "activate", command);
	json_close(to, "}");
}

static void say_version(struct text *to, int version)
{
	OWN_TEXT struct text said = { 0 };

	text_printf(&said, REAL_VERSION_FORMAT, REAL_VERSION_ARGS(version));
	json_text(to, "version", version ? said.at : NULL);
}

static void say_family(struct text *to, const struct status_family *f)
{
	json_open(to, family_name(f->family), "{");
	json_text(to, "verdict", status_verdict_name(f->verdict));
	json_text(to, "because", *f->because ? f->because : NULL);
	json_text(to, "class", class_name(f->asked.class));
	json_bool(to, "assumed", f->asked.assumed);
	if (f->asked.why)
		json_null(to, "needed");
	else
		json_bool(to, "needed", f->loses);
	json_text(to, "why_unknown", f->asked.why ? probe_errno_name(f->asked.why) : NULL);
	json_text(to, "untried", *f->asked.untried.text ? f->asked.untried.text : NULL);
	json_text(to, "real", *f->trouble.text ? NULL : f->real.path);
	json_text(to, "origin", *f->trouble.text ? NULL : f->real.origin);
	json_text(to, "backend", backend_name(f->backend));
	say_version(to, f->version);
	if (f->revision >= -1)
		json_number(to, "revision", f->revision);
	else
		json_null(to, "revision");
	say_front(to, f);
	say_rules(to, f);
	json_close(to, "}");
}

static void say_callers(struct text *to, const struct callers *c)
{
	json_open(to, "callers", "[");
	for (size_t i = 0; i < c->n; i++) {
		const struct caller_seen *s = &c->at[i];

		json_open(to, NULL, "{");
		json_text(to, "name", s->name);
		if (s->pid)
			json_number(to, "pid", s->pid);
		else
			json_null(to, "pid");
		json_bool(to, "contained", s->contained);
		json_text(to, "runs", *s->path ? s->path : NULL);
		json_bool(to, "passed_by", callers_passes_by(s->way));
		json_text(to, "way", callers_way_text(s->way));
		json_close(to, "}");
	}
	json_close(to, "]");
}

static void say_counters(struct text *to, const struct tally *t)
{
	json_open(to, "since_boot", "{");
	if (t->since)
		json_number(to, "first", t->since);
	else
		json_null(to, "first");
	for (int k = 0; k < TALLY_KEYS; k++)
		json_number(to, tally_name(k), (int64_t)t->n[k]);
	json_close(to, "}");
}

static void say_failure(struct text *to, const struct status *s)
{
	const struct failed *f = &s->failed;

	json_number(to, "failing_callers", (int64_t)s->n_failed);
	if (!s->n_failed) {
		json_null(to, "last_failure");
		return;
	}
	json_open(to, "last_failure", "{");
	json_number(to, "time", f->at);
	json_text(to, "program", f->name);
	json_text(to, "caller", f->caller);
	if (f->line)
		json_number(to, "line", (int64_t)f->line);
	else
		json_null(to, "line");
	json_text(to, "why", f->why);
	json_close(to, "}");
}

void status_say_json(struct text *to, const struct status *s)
{
	json_open(to, NULL, "{");
	json_text(to, "version", VERSION);
	json_text(to, "verdict", status_verdict_name(s->verdict));
	json_text(to, "because", *s->because ? s->because : NULL);
	json_text(to, "kernel", s->kernel.release);
	json_text(to, "class", class_name(s->class));
	json_number(to, "booted", s->booted);
	json_text(to, "configuration", shim_conf_path());
	json_text(to, "mode", conf_mode_name(s->conf.mode));
	json_bool(to, "markshim_kernel", s->second);
	json_text(to, "markshim_kernel_trouble", s->second ? NULL : s->second_trouble.text);
	say_family(to, &s->of[FAMILY_IPV6]);
	say_family(to, &s->of[FAMILY_IPV4]);
	say_counters(to, &s->tally);
	say_failure(to, s);
	say_callers(to, &s->callers);
	json_text(to, "removal", front_removal(status_is_offered(s)));
	json_close(to, "}");
	text_puts(to, "\n");
}
