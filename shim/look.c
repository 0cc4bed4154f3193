#include "look.h"

#include "look_legacy.h"
#include "look_nft.h"

enum answer look_chain(struct look l, enum table t, const char *chain)
{
	if (l.backend == BACKEND_NFT)
		return look_nft_chain(l.family, t, chain);
	return l.backend == BACKEND_LEGACY ? look_legacy_chain(l.family, t, chain) : ANSWER_UNKNOWN;
}

enum answer look_rules(struct look l, enum table t, const char *chain)
{
	if (l.backend == BACKEND_NFT)
		return look_nft_rules(l.family, t, chain);
	return l.backend == BACKEND_LEGACY ? look_legacy_rules(l.family, t, chain) : ANSWER_UNKNOWN;
}

enum answer look_helpers(struct look l, enum table t)
{
	if (l.backend == BACKEND_NFT)
		return look_nft_helpers(l.family, t);
	return l.backend == BACKEND_LEGACY ? look_legacy_helpers(l.family, t) : ANSWER_UNKNOWN;
}
