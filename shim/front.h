/* front.h - what is in front of what: markshim among the alternatives. */
#ifndef FRONT_H
#define FRONT_H

#include <limits.h>
#include <stdbool.h>

#include "alternatives.h"
#include "kernel.h"
#include "span.h"

/* The program, by the name that SELinux' and AppArmor's patterns for iptables match. */
#define FRONT_PROGRAM SBINDIR "/ip6tables-markshim"
/* Links of ours that lead a group which has IPv4's programs too, each with the name of what it stands for. */
#define FRONT_LEADERS LIBEXECDIR "/markshim/front/"

struct front {
	enum family family;
	bool known;			/* alternatives are here, and have the family's group */
	bool offered;			/* markshim is one of the group's alternatives */
	bool pinned;			/* somebody has selected by hand */
	bool active;			/* what is in force leads to markshim */
	const char *group;		/* "iptables" where one group has all names */
	char selected[PATH_MAX];	/* what is in force, "" if nothing is */
	char ours[PATH_MAX];		/* the alternative that is markshim, if offered */
	const char *tool;		/* the program that keeps the alternatives */
};

void front_read(struct front *f, enum family family);

/* A path of an alternative that was put there by markshim. */
bool front_is_ours(struct span path);

/* The command that selects markshim in a group that somebody has pinned to something else. */
#define FRONT_COMMAND_MAX (PATH_MAX + 128)
void front_selection(char text[static FRONT_COMMAND_MAX], const struct front *f);

/* The command that puts markshim in force, whatever there is now. */
void front_activation(char text[static FRONT_COMMAND_MAX], const struct front *f);

/*
 * The very command that removes markshim from this machine, where one of its groups
 * has it `offered` or not; NULL if it is neither installed nor linked, but is merely a
 * file.  Good until the next call.
 */
const char *front_removal(bool offered);

#endif
