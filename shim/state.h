/* state.h - small facts that hold until the next boot, in /run/markshim. */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define STATE_DIR "/run/markshim"

/*
 * The directory is made if it isn't there, and must be root's alone.  No link is
 * followed.  Nothing here is an error: a fact that can't be kept is found out
 * anew.
 */
#define STATE_TEXT_MAX 384

/* Reads a fact.  Returns 0, or -1 if there is none, or none that can be trusted. */
int state_read(const char *name, char text[static STATE_TEXT_MAX]);

/* Keeps a fact, in place of the one that was there. */
void state_write(const char *name, const char *text);

/*
 * Locks a file of that name, which only root can open, until the descriptor is closed.
 * `how` is LOCK_EX or LOCK_SH of flock(2).  Returns -1 if it can't be had, with errno
 * EWOULDBLOCK if others have had it all the time.
 */
int state_lock(const char *name, int how, int patience_ms);

/* The running boot's id, or "" if it can't be had. */
#define STATE_BOOT_MAX 40
void state_boot(char id[static STATE_BOOT_MAX]);

/* Can root keep facts?  Returns 0, or -1 with *e set. */
int state_check(struct err *e);

enum state_first { STATE_FIRST, STATE_AGAIN, STATE_CANNOT_TELL };

/* Whether this is the first call with that name since the machine was booted. */
enum state_first state_first(const char *name);

/* The same question without answering it for the next. */
bool state_known(const char *name);

#endif
