/* record.h - what a restore tells the log, and adds to the counters. */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "asked.h"
#include "rewrite.h"
#include "shim.h"

/* A rule that was changed, or could not be. */
void record_change(struct shim *s, const struct asked *asked, const struct rewrite_change *c);

/* One run that looked at its ruleset. */
struct record_run {
	struct rewrite_survey survey;
	int status;			/* as from waitpid(); used if real_ns is not 0 */
	uint64_t real_ns;		/* time of the real program, if it was waited for */
	enum backend backend;
};

void record_run(struct shim *s, const struct asked *asked, const struct record_run *run);

#endif
