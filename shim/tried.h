/* tried.h - whether a form works on this kernel with the real program: revision, then trial. */
#ifndef TRIED_H
#define TRIED_H

#include "form.h"
#include "shim.h"

/*
 * Asks the kernel for what a form needs, and has the real program load the form once,
 * in a network namespace of its own.  A form that was loaded is remembered until the
 * next boot; one that was refused is tried anew by each run.  Where no trial can be
 * had (no CAP_SYS_ADMIN, the lock is held), the kernel's answers alone decide.
 * Where the kernel is assumed it is not asked, but markshim-kernel has to be there and
 * run for the forms that need it.
 */
struct tried {
	struct form_asker asker;
	const struct shim *shim;
	enum backend backend;
	struct kernel kernel;			/* what has been answered so far */
	enum answer works[FORM_COUNT];
	struct {
		bool known, as[XT_COUNT];
	} named[TABLE_COUNT];			/* a chain has the target's name */
	struct err why[FORM_COUNT];		/* of a no, or of an unknown after a trial; else "" */
};

/* Returns the asker. */
struct form_asker *tried_begin(struct tried *t, const struct shim *s, enum backend backend,
			       const struct asked *asked);

/* Parts could not be made, with the reason: from now on the forms that need any do not work. */
void tried_without_parts(struct tried *t, const struct err *why);

#endif
