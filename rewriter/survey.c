/* What rewrite.h says of a whole job, and of one change in words. */
#include <stdio.h>

#include "rewrite.h"

/* Notes in *s whether a piece of the output is what the input has at that place. */
static void compare(struct rewrite_survey *s, struct span *fed, struct span out)
{
	if (s->differs)
		return;
	if (out.len > fed->len || !span_same(out, (struct span){ fed->at, out.len }))
		s->differs = true;
	else
		*fed = span_from(*fed, out.len);
}

int rewrite_survey(struct rewrite_survey *s, struct rewrite *r, const struct rewrite_job *job,
		   struct err *e)
{
	struct span fed = job->rules;
	struct rewrite_piece p;
	size_t n = 0;
	int more;

	*s = (struct rewrite_survey){ 0 };
	rewrite_begin(r, job);
	r->parts = &s->parts;
	while ((more = rewrite_next(r, &p, e)) == 1) {
		compare(s, &fed, p.out);
		n++;
		if (p.change || p.out.at != p.in.at)
			s->pieces = n;
		if (p.change) {
			s->changed += p.change->fate == REWRITE_CHANGED;
			s->stuck += p.change->fate == REWRITE_STUCK;
			s->dropped += p.change->fate == REWRITE_DROPPED;
		}
	}
	s->lines = r->line;
	s->differs |= fed.len != 0;
	rewrite_end(r);
	if (more == 0 && (s->parts.before.failed || s->parts.after.failed))
		return err_set(e, "no memory for what the forms need");
	return more;
}

void rewrite_survey_release(struct rewrite_survey *s)
{
	text_release(&s->parts.before);
	text_release(&s->parts.after);
}

void rewrite_why(char text[static REWRITE_WHY_MAX], const struct rewrite_change *c,
		 enum family family)
{
	const char *lacks = c->mask_only ? "refuses masks in MARK" : "has no MARK";

	if (c->fate == REWRITE_KEPT) {
		snprintf(text, REWRITE_WHY_MAX, "nothing tells that the kernel refuses it");
		return;
	}
	switch (c->reason) {
	case REWRITE_REFUSED:
		snprintf(text, REWRITE_WHY_MAX, "the kernel %s for %s", lacks, family_name(family));
		break;
	case REWRITE_IGNORED:
		snprintf(text, REWRITE_WHY_MAX, "the rule is for the other family and does nothing, "
			 "but the kernel %s for %s", lacks, family_name(family));
		break;
	case REWRITE_NO_FORM:
		snprintf(text, REWRITE_WHY_MAX,
			 "the kernel %s for %s, and no form that the configuration allows works in table %s",
			 lacks, family_name(family), table_name(c->table));
		break;
	case REWRITE_HIDDEN:
		snprintf(text, REWRITE_WHY_MAX, "the kernel %s for %s, and a chain in table %s has the name of "
			 "a target: iptables would jump to that chain", lacks, family_name(family),
			 table_name(c->table));
		break;
	case REWRITE_TOO_LONG:
		snprintf(text, REWRITE_WHY_MAX, "the rewritten rule would not fit its line of %d bytes",
			 LEXER_LINE_MAX);
		break;
	case REWRITE_NO_NFLOG:
		snprintf(text, REWRITE_WHY_MAX, "the kernel has no NFLOG for %s",
			 family_name(family));
		break;
	case REWRITE_NO_MATCH:
		snprintf(text, REWRITE_WHY_MAX, "the kernel lacks the match `mark' as well: rules that "
			 "match the mark would be refused, or match other packets");
		break;
	case REWRITE_MEDDLED:
		snprintf(text, REWRITE_WHY_MAX, "the ruleset itself works on a helper chain by name");
		break;
	}
}

const char *rewrite_help(enum rewrite_reason reason)
{
	switch (reason) {
	case REWRITE_NO_FORM:
		return "[forms] in markshim.conf can allow others";
	case REWRITE_HIDDEN:
		return "rename that chain";
	case REWRITE_NO_NFLOG:
		return "`unsupported = drop-rule' in markshim.conf loads the rest";
	case REWRITE_NO_MATCH:
		return "markshim status names the package that has it";
	default:
		return "";
	}
}
