/*
 * failed.h - which callers' rules failed to load, until the same caller's load: a file for
 * each in /run/markshim.
 */
#ifndef FAILED_H
#define FAILED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "applet.h"
#include "caller.h"
#include "rewrite.h"
#include "shim.h"

#define FAILED_WHY_MAX 240

struct failed {
	int64_t at;			/* seconds since 1970 */
	char name[APPLET_NAME_MAX];	/* of the applet */
	char caller[CALLER_NAME_MAX];	/* "-" if unknown */
	size_t line;			/* of the caller's input; 0: none, or not known */
	char why[FAILED_WHY_MAX];
};

/* Why the unsupported rule fails, and what the operator can do about it. */
void failed_why(char why[static FAILED_WHY_MAX], const struct rewrite_change *c, enum family f);

/* Notes that this caller's rules failed just now.  Best effort, as all of state.h. */
void failed_note(const struct shim *s, size_t line, const char *why);

/* This caller's rules loaded. */
void failed_forget(const struct shim *s);

/* The last one of this boot, and how many there are.  Returns false if there is none. */
bool failed_last(struct failed *f, size_t *n);

#endif
