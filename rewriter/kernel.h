/* kernel.h - what a kernel accepts, as a table of answers; no question is asked here. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The extensions that matter to a mark, each in the one revision that rules of
 * iptables 1.8 need.  XT_MATCH_MARK is the match `mark`, the rest are targets.
 */
enum xt {
	XT_MARK, XT_CONNMARK, XT_HMARK, XT_SET, XT_NFLOG, XT_CT, XT_CLASSIFY, XT_TPROXY, XT_TRACE,
	XT_MATCH_MARK,
	XT_COUNT
};

struct xt_name {
	const char *name;	/* as in the kernel's struct xt_target, xt_match */
	uint8_t revision;	/* the one needed */
	uint8_t revisions;	/* iptables knows 0 .. revisions - 1 */
	bool is_match;
};

extern const struct xt_name xt_names[XT_COUNT];

enum family { FAMILY_IPV4, FAMILY_IPV6, FAMILY_COUNT };

const char *family_name(enum family f);		/* "IPv4", "IPv6" */

/* Which of the two interfaces the real program talks to. */
enum backend { BACKEND_UNKNOWN, BACKEND_LEGACY, BACKEND_NFT };

const char *backend_name(enum backend b);	/* "legacy", "nft", "unknown" */

/* Only a plain no rewrites a rule.  Zero is "unknown", so an empty table rewrites nothing. */
enum answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

struct kernel {
	enum answer has[FAMILY_COUNT][XT_COUNT];
	bool refuses_masks;	/* MARK is there, but only a mask of all ones is taken */
};

enum kernel_class {
	CLASS_UNKNOWN, CLASS_HEALTHY, CLASS_TYPO, CLASS_NFT_ONLY, CLASS_MASKREJECT, CLASS_NO_MODULE,
	CLASS_COUNT
};

/* Does it take MARK with this mask?  Unknown where nothing is known of MARK. */
enum answer kernel_takes_mask(const struct kernel *k, enum family f, uint32_t mask);

const char *class_name(enum kernel_class c);	/* "typo", as in the configuration file */

/* The class of that name; CLASS_UNKNOWN if there is none ("unknown" is none). */
enum kernel_class class_find(const char *name);

/* The class that the answers show; both families must have been asked for MARK. */
enum kernel_class kernel_class(const struct kernel *k);

/* The answers that a kernel of class `c` gives (CLASS_UNKNOWN: none). */
struct kernel kernel_of_class(enum kernel_class c);

#endif
