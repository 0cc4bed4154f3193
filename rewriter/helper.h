/* helper.h - the chains that stand for a mark operation, told by their names. */
#ifndef HELPER_H
#define HELPER_H

#include <stdbool.h>
#include <stddef.h>

#include "mark.h"

/*
 * A helper chain is called zz-mark-VALUE-MASK, both in lower-case hex without
 * leading zeros: `-j zz-mark-4000-4000` means `-j MARK --set-xmark 0x4000/0x4000`.
 * "zz-" makes it sort behind every other chain in what -save and -S print.
 */
#define HELPER_PREFIX "zz-mark-"
#define HELPER_NAME_MAX 26	/* bytes with the terminator; the kernel's limit is 29 */

void helper_name(char name[static HELPER_NAME_MAX], struct mark_op op);

/* Reads such a name back.  Returns false, with *op untouched, for any other chain's. */
bool helper_parse(struct mark_op *op, const char *name, size_t len);

#endif
