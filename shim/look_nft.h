/* look_nft.h - look.h's questions over nfnetlink, to the tables of iptables-nft. */
#ifndef LOOK_NFT_H
#define LOOK_NFT_H

#include <stddef.h>
#include <stdint.h>

#include "kernel.h"
#include "table.h"

enum answer look_nft_table(enum family f, enum table t);
enum answer look_nft_chain(enum family f, enum table t, const char *chain);
enum answer look_nft_rules(enum family f, enum table t, const char *chain);
/* Has the chain a rule that iptables-nft has made?  Each of those has a counter. */
enum answer look_nft_counters(enum family f, enum table t, const char *chain);
enum answer look_nft_helpers(enum family f, enum table t);

/* Counts the rules of a table outside helper chains.  Returns 0, or -1 if that can't be told. */
int look_nft_count(enum family f, enum table t, size_t *n);

#endif
