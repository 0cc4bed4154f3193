/* log_patterns.h - what a line in the log of a program that sets rules is about. */
#ifndef LOG_PATTERNS_H
#define LOG_PATTERNS_H

#include "span.h"

enum log_verdict {
	LOG_CAUSE,		/* the missing MARK or NFLOG, in iptables' words */
	LOG_MAYBE,		/* may be that; the rule that it is about would tell */
	LOG_OTHER,		/* looks like it, and has another cause */
	LOG_SMOKE,		/* draws the eye, and is not why rules do not load */
	LOG_VERDICTS
};

/* "cause", "maybe", "other cause", "smoke" */
const char *log_verdict_name(enum log_verdict v);

#define LOG_PATTERNS_MAX 64

struct log_pattern {
	enum log_verdict verdict;
	const char *has[3];			/* found in the line in this order */
	const char *const *any;			/* one of them is in it, wherever; NULL: no matter */
	const char *means;
};

extern const struct log_pattern log_patterns[];	/* the last means nothing */

/*
 * Returns the index of the first pattern that the line has, or -1.  *at gets where in
 * the line its first word stands.
 */
int log_patterns_find(struct span line, size_t *at);

#endif
