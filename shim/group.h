/* group.h - puts markshim into a group of the alternatives, and takes it out again. */
#ifndef GROUP_H
#define GROUP_H

#include <stdbool.h>

#include "err.h"
#include "kernel.h"

/*
 * On Debian and its like each family has a group.  Where one group has all names (Fedora,
 * RHEL, SUSE), its leader is a link of ours with the name of what it stands for, since
 * k3s and others read that, and the programs for IPv4 stay what they were unless `ipv4`
 * says so; so do followers that markshim knows nothing of.
 *
 * Nothing that somebody has selected by hand is overridden: what that is goes into the
 * record that real.h tells of, and comes back when markshim is taken out.  What the
 * alternatives' program says is passed on to standard output.  Both return 0, or -1
 * with *e set.
 */
int group_enable(enum family family, bool ipv4, struct err *e);

/* No error if markshim isn't in it. */
int group_disable(enum family family, struct err *e);

/* The group has markshim for IPv4 as well. */
bool group_has_ipv4(void);

#endif
