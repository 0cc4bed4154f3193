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
	long below;		/* priority of the one given last */
};

/* Reads the group ip6tables or iptables.  Returns 0, or -1 if there is none. */
int alternatives_open(struct alternatives_walk *w, enum family family);

/*
 * Sets `path` to the `kind` program of the alternative with the highest priority
 * below the last one given.  Returns false when there are no more.
 */
bool alternatives_best(struct alternatives_walk *w, char path[static PATH_MAX],
		       enum applet_kind kind);

#endif
