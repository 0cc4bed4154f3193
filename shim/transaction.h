/* transaction.h - rules of our own, for the real *-restore --noflush. */
#ifndef TRANSACTION_H
#define TRANSACTION_H

#include "err.h"
#include "rule.h"
#include "shim.h"
#include "text.h"

/*
 * Runs it beside the command that the caller gave, on the same backend, as patient
 * with the lock (-w) and with the same modprobe (-M).
 *
 * said		gets what it says, on both outputs
 * status	as from waitpid()
 *
 * Returns 0, or -1 with *e set if it could not be run.
 */
int transaction_run(const struct shim *s, enum backend backend, const struct rule *command,
		    struct span rules, struct text *said, int *status, struct err *e);

/* Runs the real *-save -t TABLE of that backend.  Returns 0, or -1 with *e set. */
int transaction_save(const struct shim *s, enum backend backend, enum table t,
		     struct text *saved, struct err *e);

#endif
