#include "loses.h"

#include "probe.h"
#include "state.h"
#include "tally.h"

/* Once per boot, when the kernel has become one that needs no markshim. */
static void tell_if_healthy(struct shim *s, enum backend backend, const struct asked *a)
{
	/* IPv6 is what is lost; the state is looked at last, since looking makes it */
	if (s->applet.family != FAMILY_IPV6 || a->class != CLASS_HEALTHY || a->assumed ||
	    *a->untried.text || state_known("healthy") || !asked_healthy(backend) ||
	    state_first("healthy") != STATE_FIRST)
		return;
	log_note(&s->log, LOG_NOTICE, "this kernel takes all MARK rules: markshim is no longer "
		 "needed on this machine and can be removed");
}

bool loses_mark(struct shim *s, enum backend backend, struct asked *a)
{
	enum kernel_class assume;
	struct err e;

	if (asked_assumption(&assume, &s->conf, &e) < 0)
		log_note(&s->log, LOG_ERR, e.text);
	*a = asked_for(s->applet.family, backend, assume);
	if (a->why) {
		err_set(&e, "cannot tell whether the kernel has MARK for %s (%s): the rules pass as "
			"they are", family_name(s->applet.family), probe_errno_name(a->why));
		log_note(&s->log, LOG_WARNING, e.text);
		tally_failure();
	}
	if (*a->untried.text && state_first("untried") != STATE_AGAIN) {
		err_set(&e, "no trial whether MARK takes masks: %.160s", a->untried.text);
		log_note(&s->log, LOG_INFO, e.text);
	}
	if (asked_loses(a, s->applet.family))
		return true;
	if (a->assumed) {
		err_set(&e, "class %s is assumed: the rules pass as they are",
			class_name(a->class));
		log_note(&s->log, LOG_NOTICE, e.text);
	}
	tell_if_healthy(s, backend, a);
	return false;
}
