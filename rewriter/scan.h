/* scan.h - tells at a glance the rule lines that can't matter, which is nearly all. */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>

#include "span.h"

/*
 * A rule line without the [packets:bytes] at its front.  Odd ones are read as the real
 * programs do, for which `[] -A T --dport 1:2 -j X` ends at the colon.
 */
struct span scan_rule(struct span line);

/*
 * False if the rule surely neither names MARK nor a helper chain, nor flushes or
 * deletes all chains.  True means that it must be parsed.
 */
bool scan_may_matter(struct span rule);

/* False if the rule surely does not name NFLOG. */
bool scan_may_log(struct span rule);

#endif
