#include "revision.h"

#include <getopt.h>
#include <stdlib.h>
#include <xtables.h>

#include "probe.h"

static struct probe probe;
static enum family family;

/* libxtables asks for each revision that it has; revision 0 it takes for granted. */
static int compatible(const char *name, uint8_t revision, int option)
{
	(void)name;
	(void)option;
	return probe_ask(&probe, family, XT_MARK, revision) == 0;
}

static __attribute__((noreturn)) void end(enum xtables_exittype status, const char *message, ...)
{
	(void)message;
	exit(status);
}

int revision_of_mark(enum family f, enum backend b)
{
	static struct option none[] = { { 0 } };
	static struct xtables_globals globals = {
		.option_offset = 0,
		.program_name = "markshim-kernel",
		.program_version = VERSION,
		.orig_opts = none,
		.exit_err = end,
		.compat_rev = compatible,
	};
	const struct xtables_target *t;

	family = f;
	probe_begin(&probe, b, 1);
	if (xtables_init_all(&globals, f == FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6) < 0)
		return -1;
	t = xtables_find_target("MARK", XTF_TRY_LOAD);
	probe_end(&probe);
	return t ? t->revision : -1;
}
