#include "asked.h"

#include <stdlib.h>

#include "probe.h"

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

struct asked asked_for(enum family f, enum backend backend, enum kernel_class assume)
{
	struct asked a = { .assumed = assume != CLASS_UNKNOWN, .class = assume };
	struct probe p;

	if (a.assumed) {
		a.kernel = kernel_of_class(assume);
		return a;
	}
	probe_begin(&p, backend, 1);
	a.kernel = probe_kernel(&p, f, &a.why);
	probe_end(&p);
	a.class = kernel_class(&a.kernel);
	return a;
}

bool asked_loses(const struct asked *a, enum family f)
{
	return a->kernel.has[f][XT_MARK] == ANSWER_NO || a->kernel.refuses_masks;
}
