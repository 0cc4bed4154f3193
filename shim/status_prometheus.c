#include <inttypes.h>

#include "status.h"

/* Labels have no character that would need escaping. */

static void head(struct text *to, const char *name, const char *type, const char *help)
{
	text_printf(to, "# HELP markshim_%s %s\n# TYPE markshim_%s %s\n", name, help, name, type);
}

static void say_needed(struct text *to, const struct status *s)
{
	head(to, "needed", "gauge", "Whether this kernel refuses MARK rules; absent if unknown.");
	for (int f = 0; f < FAMILY_COUNT; f++)
		if (!s->of[f].asked.why)
			text_printf(to, "markshim_needed{family=\"%s\"} %d\n", family_name(f),
				    s->of[f].loses);
}

static void say_active(struct text *to, const struct status *s)
{
	head(to, "active", "gauge", "Whether callers of the plain name run markshim, and it is not off.");
	for (int f = 0; f < FAMILY_COUNT; f++)
		text_printf(to, "markshim_active{family=\"%s\"} %d\n", family_name(f),
			    s->of[f].order == PATH_ORDER_MARKSHIM && s->conf.mode == MODE_REWRITE);
}

static void say_class(struct text *to, const struct status *s)
{
	head(to, "kernel_class", "gauge", "The class of this kernel.");
	for (int c = 0; c < CLASS_COUNT; c++)
		text_printf(to, "markshim_kernel_class{class=\"%s\"} %d\n", class_name(c),
			    s->class == (enum kernel_class)c);
}

static void say_family_rules(struct text *to, const struct status_family *f)
{
	for (size_t i = 0; i < f->n_rules; i++)
		for (int t = 0; f->rules[i].known && t < TABLE_COUNT; t++)
			text_printf(to, "markshim_rewritten_rules{family=\"%s\",backend=\"%s\","
				    "table=\"%s\"} %zu\n", family_name(f->family),
				    backend_name(f->rules[i].backend), table_name(t),
				    f->rules[i].jumps[t]);
}

static void say_counters(struct text *to, const struct tally *t)
{
	static const char *const help[TALLY_KEYS] = {
		[TALLY_RUNS] = "Runs since the boot that read rules, or changed a command.",
		[TALLY_CHANGED] = "Rules said in other words since the boot.",
		[TALLY_STUCK] = "Rules since the boot that no form says.",
		[TALLY_DROPPED] = "Rules left out since the boot.",
		[TALLY_FAILURES] = "Runs since the boot that ended in a failure.",
	};

	for (int k = 0; k < TALLY_KEYS; k++)
		text_printf(to, "# HELP markshim_%s_total %s\n# TYPE markshim_%s_total counter\n"
			    "markshim_%s_total %" PRIu64 "\n", tally_name(k), help[k], tally_name(k),
			    tally_name(k), t->n[k]);
}

void status_say_prometheus(struct text *to, const struct status *s)
{
	say_needed(to, s);
	say_active(to, s);
	head(to, "attention", "gauge", "Whether markshim status asks for attention.");
	text_printf(to, "markshim_attention %d\n", s->verdict == STATUS_ATTENTION);
	say_class(to, s);
	head(to, "rewritten_rules", "gauge",
	     "Rules in the current tables that are said in other words; absent if unknown.");
	for (int f = 0; f < FAMILY_COUNT; f++)
		say_family_rules(to, &s->of[f]);
	say_counters(to, &s->tally);
}
