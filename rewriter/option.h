/* option.h - the options of an iptables command, resolved as getopt_long() does. */
#ifndef OPTION_H
#define OPTION_H

#include <stddef.h>

#include "extension.h"
#include "span.h"

enum option_arg {
	OPTION_NONE,
	OPTION_ONE,
	OPTION_TWO,		/* the second is read by the extension itself */
	OPTION_MAYBE,		/* the extension reads a word if that is no option */
	OPTION_OPTIONAL,	/* glued to the option, or none */
};

/* An option of iptables itself (xshared.c: OPTSTRING_COMMON, xtables' original_opts). */
struct option_general {
	const char *name;	/* NULL if there is only the letter */
	char letter;
	enum option_arg arg;
	unsigned char more;	/* words it takes after that, if they are no options */
};

/* The option with that letter, or NULL. */
const struct option_general *option_by_letter(char letter);

#define OPTION_LOADED_MAX 64

/* The extensions that a rule has loaded so far, oldest first. */
struct option_loaded {
	const struct extension *at[OPTION_LOADED_MAX];
	size_t n;
};

/* Loads one (NULL, or more than there is room for: nothing happens). */
void option_load(struct option_loaded *l, const struct extension *x);

/* What a long option means: one of iptables itself, or one of an extension. */
struct option_found {
	const struct option_general *general;	/* NULL: the extension's */
	const struct extension *extension;
	struct span name;			/* in full */
	enum option_arg arg;
};

enum option_result { OPTION_FOUND, OPTION_UNKNOWN, OPTION_AMBIGUOUS };

/* Looks up `name` (no dashes, no value), which may be abbreviated while that is unique. */
enum option_result option_long(struct option_found *f, const struct option_loaded *l,
			       struct span name);

#endif
