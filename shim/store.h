/* store.h - small files in a directory that is root's alone. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * No link is followed, neither to the directory nor in it; a directory or a file that is
 * not root's, or that others may write to, is as good as none.
 */

/* The directory's descriptor, or -1; `make` makes it (0755) if it isn't there. */
int store_open(const char *path, bool make);

/*
 * Reads the whole of a file, size - 1 bytes at most, and terminates it.  Returns its
 * length, or -1 if it can't be had, or is empty.
 */
long store_read(int dir, const char *name, char *text, size_t size);

/* Writes a file, in place of the one that was there.  Returns 0, or -1 with errno set. */
int store_write(int dir, const char *name, const char *text);

/* Removes the directory and the files in it; what can't be removed stays. */
void store_remove(const char *path);

#endif
