#include "front.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool front_is_ours(struct span path)
{
	return span_is(path, FRONT_PROGRAM) || span_starts(path, FRONT_LEADERS);
}

/* The family's command, as it is called by its plain name, is the program that is installed. */
static bool leads_to_markshim(const struct alternatives *a, enum family family)
{
	char link[128];
	struct stat st, program;

	snprintf(link, sizeof(link), "%s/%s", a->system->links,
		 family == FAMILY_IPV4 ? "iptables" : "ip6tables");
	return stat(link, &st) == 0 && stat(FRONT_PROGRAM, &program) == 0 &&
		st.st_dev == program.st_dev && st.st_ino == program.st_ino;
}

void front_read(struct front *f, enum family family)
{
	static struct alternatives a;

	*f = (struct front){ .known = alternatives_open(&a, family) == 0 };
	if (!f->known)
		return;
	f->group = a.group;
	f->tool = a.system->tool;
	f->pinned = a.manual;
	alternatives_selected(&a, f->selected);
	f->active = leads_to_markshim(&a, family);
	for (size_t i = 0; i < a.n_choices; i++)
		if (front_is_ours(a.choices[i].path)) {
			f->offered = true;
			snprintf(f->ours, sizeof(f->ours), "%.*s", SPAN_ARG(a.choices[i].path));
		}
}

void front_activation(char text[static FRONT_COMMAND_MAX], const struct front *f)
{
	if (f->offered)
		snprintf(text, FRONT_COMMAND_MAX, "%s --set %s %s", strrchr(f->tool, '/') + 1,
			 f->group, f->ours);
	else
		snprintf(text, FRONT_COMMAND_MAX, "markshim enable");
}

const char *front_removal(void)
{
	/* what shows how it was installed */
	static const struct {
		const char *path, *command;
	} ways[] = {
		{ "/var/lib/dpkg/info/markshim.list", "apt-get purge markshim" },
		{ "/usr/bin/dnf", "dnf remove markshim" },
		{ "/usr/bin/zypper", "zypper remove markshim" },
		{ "/usr/bin/rpm", "rpm -e markshim" },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (access(ways[i].path, F_OK) == 0)
			return ways[i].command;
	return "markshim disable";
}
