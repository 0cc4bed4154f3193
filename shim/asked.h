/* asked.h - the kernel's answers, from the kernel or from whoever overrides it. */
#ifndef ASKED_H
#define ASKED_H

#include <stdbool.h>

#include "conf.h"
#include "err.h"
#include "kernel.h"

struct asked {
	struct kernel kernel;
	enum kernel_class class;
	bool assumed;	/* by configuration, environment or option; the kernel was not asked */
	int why;	/* errno value that left MARK's answer unknown, or 0 */
	struct err untried;	/* why no trial showed whether masks are taken; "" if one did */
};

/*
 * The class that MARKSHIM_ASSUME or else the configuration assumes;
 * CLASS_UNKNOWN if neither does.  The environment counts only outside
 * secure-execution mode.  Returns -1 with *e set if it names no class.
 */
int asked_assumption(enum kernel_class *c, const struct conf *conf, struct err *e);

/*
 * Asks for `f` what a restore wants to know, or takes the assumption for an
 * answer.  If MARK is there and takes masks, or nothing can be told, no more is
 * asked, and the class is about that family alone.
 */
struct asked asked_for(enum family f, enum backend backend, enum kernel_class assume);

/* MARK rules may be refused in this family, so that the ruleset has to be looked at. */
bool asked_loses(const struct asked *a, enum family f);

/* The kernel, asked and not assumed, takes all MARK rules of both families. */
bool asked_healthy(enum backend backend);

#endif
