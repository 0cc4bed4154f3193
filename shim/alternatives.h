/* alternatives.h - a group of the system's alternatives, as its file has it. */
#ifndef ALTERNATIVES_H
#define ALTERNATIVES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "applet.h"
#include "span.h"

#define ALTERNATIVES_SIZE_MAX 8192	/* bytes of a file; a usual one has 300 */
#define ALTERNATIVES_MAX 16		/* alternatives, and followers of each, that are read */

/* Who keeps the alternatives; files and links are named after the group. */
struct alternatives_system {
	const char *files, *links;	/* directories */
	const char *tool;
	bool per_family;		/* has a group for each family, not one for both */
};

struct alternatives_choice {
	struct span path;
	long priority;
	struct span followers[ALTERNATIVES_MAX];	/* empty where it lacks that one */
};

/*
 * One group.  Debian and its like have one for each family; Fedora, RHEL and SUSE have
 * one, `iptables`, in which the programs for IPv6 are followers.
 */
struct alternatives {
	char text[ALTERNATIVES_SIZE_MAX];		/* all spans are in it */
	const struct alternatives_system *system;
	const char *group;
	bool manual;
	struct span link;				/* of the group's leader */
	struct {
		struct span name, link;
	} followers[ALTERNATIVES_MAX];
	size_t n_followers;
	struct alternatives_choice choices[ALTERNATIVES_MAX];
	size_t n_choices;
};

/* The system that this machine has; NULL if it has none. */
const struct alternatives_system *alternatives_here(void);

/*
 * Reads the group that has the family's programs.  Returns 0, or -1 if there is none; then
 * it is empty, and `group` is the name of the family's own.
 */
int alternatives_open(struct alternatives *a, enum family family);

/* Reads a->text into all fields but system and group.  Returns 0, or -1 if it is no such file. */
int alternatives_parse(struct alternatives *a);

/*
 * The next best alternative after that one (NULL: the best): highest priority first,
 * those of the same priority as they stand in the file.  NULL when there are no more.
 */
const struct alternatives_choice *alternatives_next(const struct alternatives *a,
						    const struct alternatives_choice *after);

/* The alternative of that path, or NULL. */
const struct alternatives_choice *alternatives_find(const struct alternatives *a,
						    const char *path);

/* The program that an alternative has for a name such as ip6tables-save; empty if it has none. */
struct span alternatives_program(const struct alternatives *a,
				 const struct alternatives_choice *c, const char *name);

/* What is in force: where the group's link leads, or "". */
void alternatives_selected(const struct alternatives *a, char path[static PATH_MAX]);

/*
 * The name of a follower that an alternative lacks; empty if it has all.  While such a
 * one is selected, the link of that name is gone.
 */
struct span alternatives_lacks(const struct alternatives *a, const struct alternatives_choice *c);

#endif
