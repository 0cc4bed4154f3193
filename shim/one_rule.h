/* one_rule.h - the applets ip6tables and iptables: a command for one rule or chain. */
#ifndef ONE_RULE_H
#define ONE_RULE_H

#include "shim.h"

/* As shim_main(), from where the real program is known. */
int one_rule_main(struct shim *s);

#endif
