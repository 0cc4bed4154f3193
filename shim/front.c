#include "front.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "links.h"

#define RPM_ONLY "/usr/share/licenses/markshim"

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

	*f = (struct front){ .family = family, .known = alternatives_open(&a, family) == 0 };
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

void front_selection(char text[static FRONT_COMMAND_MAX], const struct front *f)
{
	snprintf(text, FRONT_COMMAND_MAX, "%s --set %s %s", strrchr(f->tool, '/') + 1, f->group,
		 f->ours);
}

void front_activation(char text[static FRONT_COMMAND_MAX], const struct front *f)
{
	const char *ipv4 = f->family == FAMILY_IPV4 ? " --ipv4" : "";
	char select[FRONT_COMMAND_MAX], dir[PATH_MAX];

	if (!alternatives_here() || access(FRONT_PROGRAM, F_OK) < 0) {
		if (links_directory(dir) < 0)
			snprintf(dir, sizeof(dir), LINKS_ALL_NAMES);
		snprintf(text, FRONT_COMMAND_MAX, "markshim install --dir %s%s", dir, ipv4);
	} else if (f->offered && !front_is_ours(span_of(f->selected))) {
		/* enable puts down what somebody has selected, for the day when markshim goes */
		front_selection(select, f);
		snprintf(text, FRONT_COMMAND_MAX, "markshim enable%s && %.*s", ipv4,
			 FRONT_COMMAND_MAX - 32, select);
	} else {
		snprintf(text, FRONT_COMMAND_MAX, "markshim enable%s", ipv4);
	}
}

const char *front_removal(bool offered)
{
	/* what only that package has, and the program that removes it */
	static const struct {
		const char *package, *program, *command;
	} ways[] = {
		{ "/var/lib/dpkg/info/markshim.list", "/", "apt-get purge markshim" },
		{ RPM_ONLY, "/usr/bin/dnf", "dnf remove markshim" },
		{ RPM_ONLY, "/usr/bin/zypper", "zypper remove markshim" },
		{ RPM_ONLY, "/usr/bin/rpm", "rpm -e markshim" },
	};
	static char command[PATH_MAX + 64];
	char dir[PATH_MAX];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (access(ways[i].package, F_OK) == 0 && access(ways[i].program, F_OK) == 0)
			return ways[i].command;
	if (offered || links_directory(dir) < 0)
		return offered || access(FRONT_PROGRAM, F_OK) == 0 ? "markshim disable" : NULL;
	snprintf(command, sizeof(command), "markshim uninstall --dir %s", dir);
	return command;
}
