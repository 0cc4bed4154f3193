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
enum answer look_nft_helpers(enum family f, enum table t);

#endif
