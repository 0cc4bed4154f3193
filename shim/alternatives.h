/* alternatives.h - what Debian's alternatives would choose if we were not there. */
#ifndef ALTERNATIVES_H
#define ALTERNATIVES_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "applet.h"

#define ALTERNATIVES_SIZE_MAX 8192	/* bytes; a usual file has 300 */

/* One group's file in /var/lib/dpkg/alternatives, and what was seen of it. */
struct alternatives_walk {
	char text[ALTERNATIVES_SIZE_MAX];
	long priority;		/* of the one given last */
	int position;		/* and its place in the file */
};

/* Reads the group ip6tables or iptables.  Returns 0, or -1 if there is none. */
int alternatives_open(struct alternatives_walk *w, enum family family);

/*
 * Sets `path` to the `kind` program of the next alternative: highest priority first,
 * those of the same priority as they stand in the file.  Returns false when there
 * are no more.
 */
bool alternatives_best(struct alternatives_walk *w, char path[static PATH_MAX],
		       enum applet_kind kind);

#endif
