#include "asked.h"

#include <stdlib.h>

#include "probe.h"
#include "second.h"

int asked_assumption(enum kernel_class *c, const struct conf *conf, struct err *e)
{
	const char *name = secure_getenv("MARKSHIM_ASSUME");

	*c = conf->assume;
	if (!name || !*name)
		return 0;
	if (class_find(name) == CLASS_UNKNOWN)
		return err_set(e, "MARKSHIM_ASSUME: `%.64s' is no class of kernels", name);
	*c = class_find(name);
	return 0;
}

static void ask(struct asked *a, struct probe *p, enum family f)
{
	int error = probe_mark(p, &a->kernel, f);

	switch (probe_answer(error)) {
	case ANSWER_UNKNOWN:
		a->why = error;
		return;
	case ANSWER_YES:
		/* a revision that is there says nothing about masks */
		a->kernel.refuses_masks = second_masks(f, p->backend, &a->untried) == ANSWER_NO;
		if (!a->kernel.refuses_masks) {
			a->class = CLASS_HEALTHY;
			return;
		}
		break;
	case ANSWER_NO:
		break;
	}
	probe_rest(p, &a->kernel);
	a->class = kernel_class(&a->kernel);
}

struct asked asked_for(enum family f, enum backend backend, enum kernel_class assume)
{
	struct asked a = { .assumed = assume != CLASS_UNKNOWN, .class = assume };
	struct probe p;

	if (a.assumed) {
		a.kernel = kernel_of_class(assume);
		return a;
	}
	probe_begin(&p, backend, 1);
	ask(&a, &p, f);
	probe_end(&p);
	return a;
}

bool asked_loses(const struct asked *a, enum family f)
{
	return a->kernel.has[f][XT_MARK] == ANSWER_NO || a->kernel.refuses_masks;
}

bool asked_healthy(enum backend backend)
{
	for (enum family f = FAMILY_IPV4; f < FAMILY_COUNT; f++)
		if (asked_for(f, backend, CLASS_UNKNOWN).class != CLASS_HEALTHY)
			return false;
	return true;
}
