/* parts_lock.h - who needs what forms have beside rules, and who may take it away. */
#ifndef PARTS_LOCK_H
#define PARTS_LOCK_H

#include <stdbool.h>

/*
 * Helper chains made by nftables and ipsets are there before the rules that use them are
 * committed, and until then the kernel takes them for unused.  So each run holds them,
 * with all others, from before it makes or finds them until the real program has ended;
 * and they are taken away only while nobody holds them.  The lock is a file in
 * /run/markshim, and goes with the process.  Where it can't be had for any other reason
 * than somebody else's, things go on without.
 */

/* A descriptor to be closed, or -1.  Waits five seconds at most for who takes parts away. */
int parts_hold(void);

/* False if others hold them all the time; else *lock is a descriptor as above. */
bool parts_claim(int *lock, int patience_ms);

/*
 * The same for a run that has made parts and does not need them.  *held, from
 * parts_hold(), is closed.  It waits for a moment only: what stays is for `markshim clean`.
 */
bool parts_give_up(int *held, int *lock);

#endif
