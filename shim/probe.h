/* probe.h - asks the running kernel what it accepts. */
#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "kernel.h"

/*
 * The same question as libxtables (xtables_compatible_revision()) or iptables-nft
 * (nft_compatible_revision()) asks: is there an extension of this name and
 * revision?  But with three answers, since "cannot tell" is one of its own.
 * An ENOENT makes the kernel look for a module first, which takes milliseconds.
 */
struct probe {
	enum backend backend;
	int fd[FAMILY_COUNT];		/* raw sockets of legacy; nft has one netlink socket, [0] */
	uint32_t sequence;		/* of the last netlink request */
	int load;			/* legacy: load the ip(6)_tables module if it isn't there */
};

/* Opens nothing yet.  BACKEND_UNKNOWN asks as nft does. */
void probe_begin(struct probe *p, enum backend backend, int load);
void probe_end(struct probe *p);

/*
 * Asks for one revision.  Returns 0 if the kernel has it, else the errno value
 * that tells: ENOENT no extension of that name in this family; EPROTONOSUPPORT
 * only other revisions; EPERM no CAP_NET_ADMIN; ENOPROTOOPT legacy tables are not
 * loaded; any other: cannot tell.
 */
int probe_ask(struct probe *p, enum family f, enum xt x, uint8_t revision);

/* What such a value means for the revision that rules need: only ENOENT is a no. */
enum answer probe_answer(int error);

/*
 * Asks for MARK.  Returns what probe_ask() does; k gets the answer.
 */
int probe_mark(struct probe *p, struct kernel *k, enum family f);

/* Asks what the class and the forms want to know, both families, and is not known yet. */
void probe_rest(struct probe *p, struct kernel *k);

/* "ENOENT" and the like; "ok" for 0.  Another's number is good until the next call. */
const char *probe_errno_name(int error);

#endif
