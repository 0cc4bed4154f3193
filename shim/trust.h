/* trust.h - whether what a path leads to is in the hands of root alone. */
#ifndef TRUST_H
#define TRUST_H

#include "err.h"

/*
 * Looks at the file, at each directory on the way to it, and the same of each link's target:
 * all must be root's, or of the user whom we run as, and no directory or file may be written to
 * by group or others.  A directory with the sticky bit may: what is in it is its owner's alone.
 *
 * In a user namespace root's files may be shown as nobody's.  There nobody counts as root,
 * since the difference can't be told.
 *
 * Returns 0, or -1 with *e set.  The path is absolute.
 */
int trust_path(const char *path, struct err *e);

#endif
