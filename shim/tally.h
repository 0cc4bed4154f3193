/* tally.h - what markshim has done since the machine was booted, added up in /run/markshim. */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "state.h"

enum tally_key {
	TALLY_RUNS,		/* that read rules, and commands that were changed */
	TALLY_CHANGED,		/* rules said in other words */
	TALLY_STUCK,		/* rules that no form says */
	TALLY_DROPPED,		/* rules left out */
	TALLY_FAILURES,		/* the real program refused, or trouble of ours let rules pass */
	TALLY_KEYS
};

struct tally {
	int64_t since;		/* when the first was counted, in seconds since 1970 */
	uint64_t n[TALLY_KEYS];
};

/* "runs", as in the file and in what status prints. */
const char *tally_name(enum tally_key k);

/*
 * Adds up.  Best effort: where the directory can't be written, or somebody else is
 * at it for more than a millisecond, nothing is counted.  Where all of n is zero,
 * nothing is touched.
 */
void tally_add(const uint64_t n[static TALLY_KEYS]);

/* Adds one failure. */
void tally_failure(void);

/* Reads it.  Returns false, with all zero, if nothing was counted since the boot. */
bool tally_read(struct tally *t);

/* The file as text, and back; a file of another boot, or a damaged one, is none. */
void tally_say(char text[static STATE_TEXT_MAX], const struct tally *t, const char *boot);
bool tally_parse(struct tally *t, const char *text, const char *boot);

#endif
