#include "record.h"

#include <sys/wait.h>

#include "cure.h"
#include "process.h"
#include "tally.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void record_change(struct shim *s, const struct asked *asked, const struct rewrite_change *c)
{
	enum family family = s->applet.family;
	const bool inexact = c->form && !form_is_exact(c->form, c->table);
	char why[REWRITE_WHY_MAX];

	rewrite_why(why, c, family);

	const struct log_field fields[] = {
		log_text("mode", conf_mode_name(s->conf.mode)),
		log_text("family", family_name(family)),
		log_text("table", table_name(c->table)),
		log_text("chain", c->chain),
		log_number("line", (int64_t)c->line),
		log_text("form", c->form ? c->form->name : "none"),
		log_text("class", class_name(asked->class)),
		log_text("assumed", asked->assumed ? "yes" : "no"),
		log_text("why", why),
		log_text("caveat", inexact ? c->form->caveat : ""),
		log_span("was", c->was),
		log_span("is", c->is),
	};

	if (c->fate == REWRITE_STUCK)
		log_record(&s->log, LOG_WARNING, "stuck", fields, COUNT(fields));
	else if (c->fate == REWRITE_DROPPED)
		log_record(&s->log, LOG_WARNING, "dropped", fields, COUNT(fields));
	else
		log_record(&s->log, inexact ? LOG_WARNING : LOG_NOTICE, "change", fields,
			   COUNT(fields));
}

static int64_t milliseconds(uint64_t ns)
{
	return (int64_t)(ns / 1000000);
}

static void count_run(const struct shim *s, const struct record_run *run)
{
	const bool in_force = s->conf.mode == MODE_REWRITE && !run->survey.stuck;
	const uint64_t n[TALLY_KEYS] = {
		[TALLY_RUNS] = 1,
		[TALLY_CHANGED] = in_force ? run->survey.changed : 0,
		[TALLY_STUCK] = run->survey.stuck,
		[TALLY_DROPPED] = in_force ? run->survey.dropped : 0,
		[TALLY_FAILURES] = run->real_ns && run->status != 0,
	};

	tally_add(n);
}

void record_run(struct shim *s, const struct asked *asked, const struct record_run *run)
{
	char cure[CURE_MAX] = "";

	if (asked->class == CLASS_NO_MODULE)
		cure_name(cure);

	const struct log_field fields[] = {
		log_text("mode", conf_mode_name(s->conf.mode)),
		log_text("family", family_name(s->applet.family)),
		log_text("backend", backend_name(run->backend)),
		log_text("class", class_name(asked->class)),
		log_text("assumed", asked->assumed ? "yes" : "no"),
		log_text("real", s->real.path),
		log_number("lines", (int64_t)run->survey.lines),
		log_number("changed", (int64_t)run->survey.changed),
		log_number("stuck", (int64_t)run->survey.stuck),
		log_number("dropped", (int64_t)run->survey.dropped),
		log_text("cure", cure),
		log_number("ms_markshim", milliseconds(process_now() - s->started - run->real_ns)),
		/* what follows is known only of a real program that was waited for */
		log_number("ms_real", milliseconds(run->real_ns)),
		WIFSIGNALED(run->status) ? log_number("signal", WTERMSIG(run->status))
			: log_number("status", WEXITSTATUS(run->status)),
	};

	log_record(&s->log, LOG_INFO, "run", fields, COUNT(fields) - (run->real_ns ? 0 : 2));
	count_run(s, run);
}
