#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cure.h"
#include "escape.h"
#include "probe.h"
#include "real_version.h"
#include "shim.h"
#include "status.h"

/* Every line but a topic's first. */
#define INDENT "                   "

const char *status_verdict_name(enum status_verdict v)
{
	static const char *const names[] = {
		[STATUS_NOT_NEEDED] = "not needed",
		[STATUS_WORKING] = "working",
		[STATUS_ATTENTION] = "attention",
	};

	return names[v];
}

void status_time(char text[static STATUS_TIME_MAX], int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm utc;

	gmtime_r(&t, &utc);
	strftime(text, STATUS_TIME_MAX, "%Y-%m-%d %H:%M:%S UTC", &utc);
}

static void say_families(struct text *to, const struct status *s)
{
	const char *and = "";

	for (int f = FAMILY_COUNT - 1; f >= 0; f--)
		if (s->of[f].loses) {
			text_printf(to, "%s%s", and, family_name(f));
			and = " and ";
		}
}

void status_headline(struct text *to, const struct status *s)
{
	text_printf(to, "markshim " VERSION ": %s: ", status_verdict_name(s->verdict));
	switch (s->verdict) {
	case STATUS_NOT_NEEDED:
		text_puts(to, "this kernel takes all MARK rules");
		break;
	case STATUS_WORKING:
		text_puts(to, "MARK rules are rewritten for ");
		say_families(to, s);
		text_printf(to, ", kernel class %s", class_name(s->class));
		break;
	case STATUS_ATTENTION:
		text_puts(to, s->because);
		break;
	}
}

static void say_kernel(struct text *to, const struct status *s)
{
	char when[STATUS_TIME_MAX] = "unknown";

	if (s->booted)
		status_time(when, s->booted);
	text_printf(to, "kernel:            %s, class %s%s, running since %s\n", s->kernel.release,
		    class_name(s->class), s->of[FAMILY_IPV6].asked.assumed ? " (assumed)" : "", when);
}

static void say_conf(struct text *to, const struct status *s)
{
	const struct conf *c = &s->conf;

	if (*s->conf_trouble.text)
		text_printf(to, "configuration:     %s; the defaults are used\n",
			    s->conf_trouble.text);
	else
		text_printf(to, "configuration:     %s%s\n", shim_conf_path(),
			    access(shim_conf_path(), F_OK) ? " (not there: defaults)" : "");
	if (*s->assume_trouble.text)
		text_printf(to, "assumption:        %s\n", s->assume_trouble.text);
	text_printf(to, "mode:              %s\n", conf_mode_name(c->mode));
	text_printf(to, "log:              %s%s%s%s%s\n", c->log_syslog ? " syslog" : "",
		    c->log_stderr ? " stderr" : "", *c->log_file ? " " : "", c->log_file,
		    c->log_syslog || c->log_stderr || *c->log_file ? "" : " none");
	text_puts(to, "forms:            ");
	for (int t = 0; t < TABLE_COUNT; t++) {
		text_printf(to, " %s=", table_name(t));
		if (!c->forms.at[t][0])
			text_puts(to, "none");
		/* the rows of one name follow each other */
		for (const struct form *const *f = c->forms.at[t]; *f; f++)
			if (f == c->forms.at[t] || strcmp(f[-1]->name, f[0]->name) != 0)
				text_printf(to, "%s%s", f == c->forms.at[t] ? "" : ",",
					    (*f)->name);
	}
	text_puts(to, "\n");
}

static void say_loss(struct text *to, const struct status_family *f)
{
	char cure[CURE_MAX];

	if (f->asked.why)
		text_printf(to, INDENT "cannot tell whether MARK is there for %s: %s\n",
			    family_name(f->family), probe_errno_name(f->asked.why));
	else
		text_printf(to, INDENT "%s: class %s%s\n", f->loses ?
			    "the kernel refuses MARK rules" : "the kernel takes MARK rules",
			    class_name(f->asked.class), f->asked.assumed ? ", assumed" : "");
	if (*f->asked.untried.text)
		text_printf(to, INDENT "no trial whether MARK takes masks: %s\n",
			    f->asked.untried.text);
	if (f->asked.class == CLASS_NO_MODULE) {
		cure_name(cure);
		text_printf(to, INDENT "%s\n", cure);
	}
	if (f->revision >= 0)
		text_printf(to, INDENT "iptables would use MARK revision %d\n", f->revision);
	else if (f->revision == -1)
		text_puts(to, INDENT "iptables finds no revision of MARK\n");
}

static void say_front(struct text *to, const struct status_family *f)
{
	char command[FRONT_COMMAND_MAX];

	if (f->order == PATH_ORDER_NONE)
		text_puts(to, INDENT "callers find no program of that name\n");
	else
		text_printf(to, INDENT "callers run %s: %s\n", f->runs,
			    f->order == PATH_ORDER_MARKSHIM ? "markshim" : "not markshim");
	if (!f->front.known)
		return;
	text_printf(to, INDENT "alternatives: group %s, %s%s, %s%s\n", f->front.group,
		    *f->front.selected ? f->front.selected : "nothing selected",
		    f->front.active ? " (markshim)" : "",
		    f->front.pinned ? "pinned (manual)" : "automatic",
		    f->front.offered ? "" : "; markshim is not in it");
	if (f->front.active || !(f->loses || f->front.offered))
		return;
	front_activation(command, &f->front);
	text_printf(to, INDENT "to activate: %s\n", command);
}

static void say_family(struct text *to, const struct status_family *f)
{
	const char *name = f->family == FAMILY_IPV4 ? "iptables-restore" : "ip6tables-restore";

	if (*f->trouble.text) {
		text_printf(to, "%-19s%s\n", name, f->trouble.text);
	} else {
		text_printf(to, "%-19s%s (%s, %s", name, f->real.path, f->real.origin,
			    backend_name(f->backend));
		if (f->version)
			text_printf(to, ", " REAL_VERSION_FORMAT, REAL_VERSION_ARGS(f->version));
		text_puts(to, ")\n");
	}
	say_loss(to, f);
	say_front(to, f);
}

static void say_backend_rules(struct text *to, const struct status_family *f,
			      const struct status_rules *r)
{
	for (int t = 0; t < TABLE_COUNT; t++)
		if (r->jumps[t] || r->unused[t])
			text_printf(to, INDENT "%s, %s, table %s: %zu rule%s, %zu helper chain%s "
				    "without use\n", family_name(f->family),
				    backend_name(r->backend), table_name(t), r->jumps[t],
				    r->jumps[t] == 1 ? "" : "s", r->unused[t],
				    r->unused[t] == 1 ? "" : "s");
	if (!r->known)
		text_printf(to, INDENT "%s, %s: unknown%s\n", family_name(f->family),
			    backend_name(r->backend), geteuid() ? ", ask as root" : "");
}

static void say_rules(struct text *to, const struct status *s)
{
	const struct status_sum sum = status_sum(s);

	text_printf(to, "rewritten rules:   %s%zu in the current tables\n",
		    sum.known ? "" : "at least ", sum.jumps);
	for (int f = FAMILY_COUNT - 1; f >= 0; f--)
		for (size_t i = 0; i < s->of[f].n_rules; i++)
			say_backend_rules(to, &s->of[f], &s->of[f].rules[i]);
}

static void say_tally(struct text *to, const struct tally *t)
{
	char when[STATUS_TIME_MAX];

	if (!t->since) {
		text_puts(to, "since the boot:    no run that looked at rules\n");
		return;
	}
	status_time(when, t->since);
	text_puts(to, "since the boot:    ");
	for (int k = 0; k < TALLY_KEYS; k++)
		text_printf(to, "%s%" PRIu64 " %s", k ? ", " : "", t->n[k], tally_name(k));
	text_printf(to, "; the first at %s\n", when);
}

static void say_failures(struct text *to, const struct status *s)
{
	const struct failed *f = &s->failed;
	char when[STATUS_TIME_MAX];

	if (!s->n_failed)
		return;
	status_time(when, f->at);
	text_printf(to, "failing:           %zu caller%s; the last: %s of %s at %s\n" INDENT, s->n_failed,
		    s->n_failed == 1 ? "" : "s", f->name, f->caller, when);
	if (f->line)
		text_printf(to, "line %zu: ", f->line);
	text_printf(to, "%s\n", f->why);
}

static void say_callers(struct text *to, const struct callers *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct caller_seen *s = &c->at[i];

		text_printf(to, "%-19s%s", i ? "" : "callers:", s->name);
		if (s->pid)
			text_printf(to, " (pid %d%s)", (int)s->pid,
				    s->contained ? ", in a container" : "");
		text_printf(to, ": %s%s", callers_way_text(s->way), *s->path ? ", " : "");
		/* a PATH is whatever somebody has set */
		escape_text(to, span_of(s->path), PATH_MAX);
		text_puts(to, "\n");
	}
}

static void say_end(struct text *to, const struct status *s)
{
	const char *removal = front_removal(status_is_offered(s));

	text_printf(to, "markshim-kernel:   %s%s\n", s->second ? "there" : s->second_trouble.text,
		    s->second ? "" : ": no trial of masks, and no forms set and nft");
	text_printf(to, "still needed:      %s\nto remove:         %s\n",
		    s->of[FAMILY_IPV6].asked.why || s->of[FAMILY_IPV4].asked.why ? "unknown" :
		    s->class == CLASS_HEALTHY ? "no" : "yes, until another kernel is booted",
		    removal ? removal : "nothing is installed; take its folder out of PATH");
}

void status_say_text(struct text *to, const struct status *s)
{
	status_headline(to, s);
	text_puts(to, "\n");
	say_kernel(to, s);
	say_conf(to, s);
	say_family(to, &s->of[FAMILY_IPV6]);
	say_family(to, &s->of[FAMILY_IPV4]);
	say_rules(to, s);
	say_tally(to, &s->tally);
	say_failures(to, s);
	say_callers(to, &s->callers);
	say_end(to, s);
}
