/* doctor.h - what makes an operator look in the wrong place, check by check. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "err.h"
#include "status.h"
#include "text.h"

enum doctor_result { DOCTOR_OK, DOCTOR_PROBLEM, DOCTOR_UNKNOWN };

/*
 * A check appends one sentence of what it saw to `seen`, and to `todo` what to do
 * about it, if anything.
 */
typedef enum doctor_result doctor_check(const struct status *s, struct text *seen,
					struct text *todo);

/* What stands between two parts of such a sentence. */
static inline const char *doctor_separator(const struct text *t)
{
	return t->len ? "; " : "";
}

doctor_check doctor_kernel, doctor_fixed_kernel, doctor_modules, doctor_revision;
doctor_check doctor_tables, doctor_helpers;
doctor_check doctor_programs, doctor_alternatives, doctor_slaves, doctor_callers;
doctor_check doctor_tools, doctor_configuration, doctor_rights, doctor_state, doctor_second;

/*
 * Reads a log ("-": standard input) to its end, and appends what it holds to `to`, in
 * words or as the members of a JSON object.  Of lines that are alike the first few are
 * shown, and the others counted.
 *
 * Returns DOCTOR_PROBLEM if rules did not load, whatever for; -1 with *e set if it
 * can't be read.
 */
int doctor_log(struct text *to, const char *path, bool json, struct err *e);

#endif
