/* restore.h - the applets ip6tables-restore and iptables-restore. */
#ifndef RESTORE_H
#define RESTORE_H

#include "shim.h"

/* As shim_main(), from where the real program is known. */
int restore_main(struct shim *s);

#endif
