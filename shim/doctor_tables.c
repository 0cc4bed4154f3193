/* What doctor finds in the tables. */
#include "doctor.h"
#include "lexer.h"
#include "saved.h"

/* Rules of the tables that one backend has; -1 if that can't be told. */
static long count_rules(const struct saved_program *p, const struct conf *c)
{
	OWN_TEXT struct text saved = { 0 };
	struct span rest, line;
	struct err e;
	long n = 0;

	if (saved_read(&saved, p, c, &e) < 0)
		return -1;
	rest = (struct span){ saved.at, saved.len };
	while (lexer_line(&rest, &line))
		n += span_starts(line, "-A ");
	return n;
}

static enum doctor_result mixed(const struct status_family *f, const struct conf *c,
				struct text *seen)
{
	struct saved_program p[2];
	size_t n = saved_programs(p, f->family, c);
	enum doctor_result result = DOCTOR_OK;
	size_t with_rules = 0;

	for (size_t i = 0; i < n; i++) {
		/* without the right to look, there seems to be none */
		long rules = f->rules[i].known ? count_rules(&p[i], c) : -1;

		text_printf(seen, "%s%s, %s: ", doctor_separator(seen), family_name(f->family),
			    backend_name(p[i].backend));
		if (rules < 0) {
			text_puts(seen, "cannot tell");
			result = DOCTOR_UNKNOWN;
			continue;
		}
		text_printf(seen, "%ld rule%s", rules, rules == 1 ? "" : "s");
		with_rules += rules > 0;
	}
	return with_rules > 1 ? DOCTOR_PROBLEM : result;
}

enum doctor_result doctor_tables(const struct status *s, struct text *seen, struct text *todo)
{
	enum doctor_result six = mixed(&s->of[FAMILY_IPV6], &s->conf, seen);
	enum doctor_result four = mixed(&s->of[FAMILY_IPV4], &s->conf, seen);

	if (six == DOCTOR_PROBLEM || four == DOCTOR_PROBLEM) {
		text_puts(todo, "packets meet the rules of both backends, and each tool shows but one: have "
			  "all clients use the same, and empty the other's tables");
		return DOCTOR_PROBLEM;
	}
	return six == DOCTOR_OK ? four : six;
}

enum doctor_result doctor_helpers(const struct status *s, struct text *seen, struct text *todo)
{
	const struct status_sum sum = status_sum(s);

	if (!sum.known) {
		text_puts(seen, "cannot tell whether there are helper chains");
		return DOCTOR_UNKNOWN;
	}
	text_printf(seen, "%zu rule%s said in other words, %zu helper chain%s that no rule uses",
		    sum.jumps, sum.jumps == 1 ? " is" : "s are", sum.unused,
		    sum.unused == 1 ? "" : "s");
	if (sum.empty) {
		text_printf(seen, ", %zu that rules use and that %s empty", sum.empty,
			    sum.empty == 1 ? "is" : "are");
		text_puts(todo, "these rules mark nothing: have the client load its rules anew");
		return DOCTOR_PROBLEM;
	}
	if (s->class != CLASS_HEALTHY || !(sum.jumps || sum.unused))
		return DOCTOR_OK;
	if (sum.jumps)
		text_puts(todo, "have the client load its rules anew, then ");
	text_puts(todo, "run markshim clean");
	return DOCTOR_PROBLEM;
}
