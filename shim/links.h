/* links.h - links to markshim in a directory in front of the real programs, and the record of them. */
#ifndef LINKS_H
#define LINKS_H

#include <limits.h>
#include <stdbool.h>

#include "applet.h"
#include "conf.h"
#include "err.h"
#include "text.h"

/* Which names are linked. */
struct links_names {
	bool plain;		/* ip6tables, ip6tables-restore, ip6tables-save */
	bool of_backends;	/* ip6tables-nft, ... as far as the machine has the real ones */
	bool ipv4;		/* and the same for iptables */
};

/*
 * Links all of the names in `dir` to `program`, or none of them.  A link of the same name
 * to one of iptables' programs is replaced and recorded; anything else that is in the way
 * is an error, and so is a directory that is not root's alone.  `conf` tells where the
 * real programs are.  Links of the record that are there still are left; those that are
 * gone, or were replaced since, are put anew.  *said gets a line for
 * each new one.
 */
int links_put(const char *dir, struct links_names names, const char *program,
	      const struct conf *conf, struct text *said, struct err *e);

/*
 * Takes away what the record has in `dir` (NULL: everywhere), and puts back what was there.
 * What somebody else has changed since is left.  *said gets a line for each.  Returns the
 * number of links that the record had, or -1 with *e set.
 */
int links_take(const char *dir, struct text *said, struct err *e);

/* The first directory with recorded links.  Returns 0, or -1 if there is none. */
int links_directory(char dir[static PATH_MAX]);

/* The record has links in that directory. */
bool links_are_in(const char *dir);

/* Where links of enable --all-names are: before /usr/sbin in every usual PATH. */
#define LINKS_ALL_NAMES "/usr/local/sbin"

#endif
