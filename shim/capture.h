/* capture.h - runs a program and takes what it prints. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>

#include "err.h"
#include "text.h"

struct capture_job {
	const char *path;
	const char *const *argv;
	int input;		/* its standard input; -1: /dev/null */
	int patience_ms;	/* it is killed after that; 0: however long it takes */
	bool errors_too;	/* its standard error is taken along with its output */
};

/*
 * Standard output goes to *out, up to `max` bytes; standard error nowhere, or there
 * too.  *status
 * is what waitpid() said.  Returns 0, or -1 with *e set if there was no process or
 * no memory.
 */
int capture(const struct capture_job *job, struct text *out, size_t max, int *status,
	    struct err *e);

#endif
