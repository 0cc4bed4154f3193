/* loses.h - asks the kernel for a drop-in, and logs what is odd about the answer. */
#ifndef LOSES_H
#define LOSES_H

#include <stdbool.h>

#include "asked.h"
#include "shim.h"

/* Fills *a.  Returns false where all MARK rules can pass as they are, or nothing is known. */
bool loses_mark(struct shim *s, enum backend backend, struct asked *a);

#endif
