#include "kernel.h"

#include <string.h>

const struct xt_name xt_names[XT_COUNT] = {
	[XT_MARK]	= { "MARK", 2, 3, false },
	[XT_CONNMARK]	= { "CONNMARK", 1, 3, false },
	[XT_HMARK]	= { "HMARK", 0, 1, false },
	[XT_SET]	= { "SET", 3, 4, false },
	[XT_NFLOG]	= { "NFLOG", 0, 1, false },
	[XT_CT]		= { "CT", 2, 3, false },
	[XT_CLASSIFY]	= { "CLASSIFY", 0, 1, false },
	[XT_TPROXY]	= { "TPROXY", 1, 2, false },
	[XT_TRACE]	= { "TRACE", 0, 1, false },
	[XT_MATCH_MARK]	= { "mark", 1, 2, true },
};

#define BIT(n) (1u << (n))

/* What each class lacks, as bits of enum xt, by family. */
static const struct {
	const char *name;
	unsigned int lacks[FAMILY_COUNT];
} classes[CLASS_COUNT] = {
	[CLASS_UNKNOWN]	= { .name = "unknown" },
	[CLASS_HEALTHY]	= { .name = "healthy" },
	[CLASS_TYPO]	= {
		.name = "typo",
		.lacks[FAMILY_IPV6] = BIT(XT_MARK) | BIT(XT_NFLOG),
	},
	[CLASS_NFT_ONLY] = {
		.name = "nft-only",
		.lacks[FAMILY_IPV6] = BIT(XT_MARK) | BIT(XT_CONNMARK) | BIT(XT_HMARK) |
			BIT(XT_NFLOG) | BIT(XT_CT) | BIT(XT_CLASSIFY) | BIT(XT_TRACE),
	},
	[CLASS_MASKREJECT] = { .name = "maskreject" },
	[CLASS_NO_MODULE] = {
		/* xt_mark.ko holds the target and the match. */
		.name = "no-module",
		.lacks[FAMILY_IPV4] = BIT(XT_MARK) | BIT(XT_MATCH_MARK),
		.lacks[FAMILY_IPV6] = BIT(XT_MARK) | BIT(XT_MATCH_MARK),
	},
};

const char *family_name(enum family f)
{
	return f == FAMILY_IPV4 ? "IPv4" : "IPv6";
}

const char *backend_name(enum backend b)
{
	return b == BACKEND_NFT ? "nft" : b == BACKEND_LEGACY ? "legacy" : "unknown";
}

const char *class_name(enum kernel_class c)
{
	return classes[c].name;
}

enum kernel_class class_find(const char *name)
{
	for (int c = CLASS_HEALTHY; c < CLASS_COUNT; c++)
		if (!strcmp(classes[c].name, name))
			return c;
	return CLASS_UNKNOWN;
}

enum kernel_class kernel_class(const struct kernel *k)
{
	enum answer v4 = k->has[FAMILY_IPV4][XT_MARK], v6 = k->has[FAMILY_IPV6][XT_MARK];

	if (v4 == ANSWER_NO && v6 == ANSWER_NO)
		return CLASS_NO_MODULE;
	if (v4 == ANSWER_YES && v6 == ANSWER_YES)
		return k->refuses_masks ? CLASS_MASKREJECT : CLASS_HEALTHY;
	if (v4 != ANSWER_YES || v6 != ANSWER_NO)
		return CLASS_UNKNOWN;
	if (k->has[FAMILY_IPV6][XT_CONNMARK] == ANSWER_YES)
		return CLASS_TYPO;
	if (k->has[FAMILY_IPV6][XT_CONNMARK] != ANSWER_NO)
		return CLASS_UNKNOWN;
	/* missing in both families, it is a module that is missing, which says nothing of IPv6 */
	switch (k->has[FAMILY_IPV4][XT_CONNMARK]) {
	case ANSWER_YES:
		return CLASS_NFT_ONLY;
	case ANSWER_NO:
		return CLASS_TYPO;
	default:
		return CLASS_UNKNOWN;
	}
}

struct kernel kernel_of_class(enum kernel_class c)
{
	struct kernel k = { .refuses_masks = c == CLASS_MASKREJECT };

	if (c == CLASS_UNKNOWN)
		return k;
	for (int f = 0; f < FAMILY_COUNT; f++)
		for (int x = 0; x < XT_COUNT; x++)
			k.has[f][x] = classes[c].lacks[f] & BIT(x) ? ANSWER_NO : ANSWER_YES;
	return k;
}

enum answer kernel_takes_mask(const struct kernel *k, enum family f, uint32_t mask)
{
	enum answer has = k->has[f][XT_MARK];

	return has == ANSWER_YES && k->refuses_masks && mask != UINT32_MAX ? ANSWER_NO : has;
}
