/* callers.h - the programs on this machine that set rules, and whether they come by here. */
#ifndef CALLERS_H
#define CALLERS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CALLERS_MAX 32

enum callers_way {
	CALLERS_REACHED,	/* its PATH leads to markshim */
	CALLERS_PAST,		/* its PATH leads elsewhere */
	CALLERS_BY_NAME,	/* it asks for ip6tables-nft and the like by itself, past markshim */
	CALLERS_BY_PATH,	/* the same, and it looks in /usr/sbin first, whatever PATH says */
	CALLERS_UNKNOWN,	/* no right to look, or it has no such program */
};

struct caller_seen {
	const char *name;		/* a constant: "kubelet" */
	pid_t pid;			/* 0: installed, and nothing is known to run */
	enum callers_way way;
	bool contained;			/* it has a root directory of its own */
	char path[PATH_MAX];		/* what it would run, in its root; "" if unknown */
};

struct callers {
	struct caller_seen at[CALLERS_MAX];
	size_t n;
	bool kube;			/* something of Kubernetes is among them */
};

/* Looks at all of root's processes, in /proc, and for programs that run now and then. */
void callers_find(struct callers *c);

static inline bool callers_passes_by(enum callers_way w)
{
	return w != CALLERS_REACHED && w != CALLERS_UNKNOWN;
}

/* "its PATH leads to markshim" */
const char *callers_way_text(enum callers_way w);

#endif
