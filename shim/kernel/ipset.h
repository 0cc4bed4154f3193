/* ipset.h - the ipsets of form `set`, by netlink. */
#ifndef IPSET_H
#define IPSET_H

#include "err.h"
#include "kernel.h"
#include "parts.h"

/*
 * A set of type hash:net with skbinfo: both halves of all addresses, since a net of /0
 * is refused, each with the operation as its mark (ip_set_hash_net.c, and
 * ip_set_init_skbinfo() for the formula).
 */

/*
 * Makes the set of `part` and sees that its entries are right.  part->made says
 * whether it was not there before.  Returns 0, or -1 with *e set and nothing made.
 */
int ipset_make(enum family f, struct part *part, struct err *e);

/* Destroys it, unless a rule uses it.  Returns 1 if it did, 0 if not, -1 with *e set. */
int ipset_unmake(enum family f, const struct part *part, struct err *e);

/* Adds a part for each set of ours to *p.  Returns 0, or -1 with *e set. */
int ipset_list(enum family f, struct parts *p, struct err *e);

#endif
