/* nft_chain.h - the helper chains of form `nft`, in iptables-nft's own tables. */
#ifndef NFT_CHAIN_H
#define NFT_CHAIN_H

#include "err.h"
#include "kernel.h"
#include "parts.h"

/*
 * Makes all chains among the parts in one transaction, each with the one rule that
 * says its operation; one that holds another form gets that instead.  A missing table is
 * made as iptables-nft makes it, without chains, which that adds itself
 * (nft_xt_builtin_init() in its nft.c), and added to the parts.  `made` is set
 * in each that was not there before.  Whoever changes the tables at the same time
 * makes it begin anew.  Returns 0, or -1 with *e set and nothing made.
 */
int nft_chain_make(enum family f, struct parts *p, struct err *e);

/*
 * Deletes a chain that no rule jumps to, with its rule; or a table that has nothing in it.
 * Returns 1 if it did, 0 if not, -1 with *e set.
 */
int nft_chain_unmake(enum family f, const struct part *part, struct err *e);

#endif
