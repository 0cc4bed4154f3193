/* delete_all.h - `-X` without a chain, where helper chains are in its way. */
#ifndef DELETE_ALL_H
#define DELETE_ALL_H

#include "cmdline.h"
#include "shim.h"

/* As shim_main(). */
int delete_all(struct shim *s, const struct cmdline *c);

#endif
