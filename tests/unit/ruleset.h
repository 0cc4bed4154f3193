/* ruleset.h - rulesets for the tests of the rewriter, and rewriting in one call. */
#ifndef RULESET_H
#define RULESET_H

#include <stdint.h>

#include "rewrite.h"
#include "text.h"

/* The whole output of a job; to be released by the caller. */
struct text ruleset_rewrite_job(const struct rewrite_job *job);

/* connmark wherever it works, and no other form: what is not about forms is tested with this. */
struct form_order ruleset_order(void);

/* The same for class `c`, IPv6 and this order. */
struct text ruleset_rewrite(struct span rules, enum kernel_class c);

/* Calls `check` with each ruleset recorded in tests/data, and its file's name.  Returns how many. */
size_t ruleset_each_recorded(void (*check)(struct span rules, const char *name));

/* A made-up ruleset, by xorshift32 from *seed: odd spellings, some of them errors. */
struct text ruleset_random(uint32_t *seed);

uint32_t ruleset_next_random(uint32_t *seed);

#endif
