/* read_back.h - the real program, with helper chains taken out of what it prints. */
#ifndef READ_BACK_H
#define READ_BACK_H

#include "readback.h"
#include "shim.h"
#include "stream.h"

/* The applets ip6tables-save and iptables-save; as shim_main(). */
int save_main(struct shim *s);

/* The filter that does it; borrows *readback. */
struct stream_filter read_back_filter(struct readback *readback);

/*
 * Runs it as `argv`, its standard output through `readback`, and ends like it.
 * `then` is what it does after that, as arguments of its own: where it ends early, at
 * what it can't print, that is done by another run.  NULL: nothing.
 * Returns, with *e set, only if it was not run.
 */
int read_back(struct shim *s, char *argv[], struct readback readback, const char *const then[],
	      struct err *e);

/*
 * Is what *-save printed of one table all of its rules, though it ended with that status?
 * So it is if it ended at a helper chain that nftables has made, whose rule it can't read.
 */
bool read_back_is_whole(enum backend b, enum family f, enum table t, struct span saved, int status);

#endif
