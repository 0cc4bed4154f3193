/* status.h - what is in force on this machine: gathered once, said in three ways. */
#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>

#include "asked.h"
#include "callers.h"
#include "conf.h"
#include "failed.h"
#include "front.h"
#include "path_order.h"
#include "real.h"
#include "table.h"
#include "tally.h"
#include "text.h"

/* The helper chains in one backend's tables. */
struct status_rules {
	enum backend backend;
	bool known;			/* else there is no right to look, or trouble */
	size_t jumps[TABLE_COUNT];	/* rules that are said in other words */
	size_t unused[TABLE_COUNT];	/* helper chains that no rule jumps to */
	size_t empty;			/* helper chains that rules jump to, and that mark nothing */
};

enum status_verdict {
	STATUS_NOT_NEEDED,
	STATUS_WORKING,
	STATUS_ATTENTION,
};

struct status_family {
	enum family family;
	struct real real;		/* of the restore applet */
	struct err trouble;		/* why there is none; "" if there is one */
	enum backend backend;
	int version;			/* REAL_VERSION(), 0 if unknown */
	int revision;			/* as second_revision() */
	struct asked asked;
	bool loses;			/* the kernel refuses MARK rules */
	struct front front;
	enum path_order order;		/* what callers run by its plain name */
	char runs[PATH_MAX];		/* and where that is */
	struct status_rules rules[2];
	size_t n_rules;
	enum status_verdict verdict;
	char because[192];		/* of STATUS_ATTENTION */
};

struct status {
	struct conf conf;
	struct err conf_trouble;	/* "" if there is none */
	struct err assume_trouble;
	struct utsname kernel;
	int64_t booted;			/* seconds since 1970; 0 if unknown */
	struct status_family of[FAMILY_COUNT];
	enum kernel_class class;	/* of the family that has lost most */
	struct tally tally;		/* all zero if nothing was counted */
	struct failed failed;		/* the last of n_failed */
	size_t n_failed;		/* callers whose rules failed and did not load since */
	struct callers callers;
	bool second;			/* markshim-kernel is there, and runs here */
	struct err second_trouble;	/* why not */
	enum status_verdict verdict;
	char because[512];		/* of STATUS_ATTENTION */
};

/* No process is run but the real programs', for their version and their rules, and markshim-kernel. */
void status_gather(struct status *s);

/* What puts markshim in front of the family's programs: a command, or words. */
void status_activation(char text[static FRONT_COMMAND_MAX], const struct status_family *f);

/* A group of the alternatives has markshim. */
static inline bool status_is_offered(const struct status *s)
{
	return s->of[FAMILY_IPV6].front.offered || s->of[FAMILY_IPV4].front.offered;
}

/* Sums over all families, backends and tables. */
struct status_sum {
	size_t jumps, unused, empty;
	bool known;			/* of each it is known */
};
struct status_sum status_sum(const struct status *s);

/* "not needed", "working", "attention" */
const char *status_verdict_name(enum status_verdict v);

/* The first line: verdict, and why. */
void status_headline(struct text *to, const struct status *s);

/* When that was, as people read it: in UTC, as in "2026-11-25 20:05:07 UTC". */
#define STATUS_TIME_MAX 32
void status_time(char text[static STATUS_TIME_MAX], int64_t seconds);

void status_say_text(struct text *to, const struct status *s);
void status_say_json(struct text *to, const struct status *s);
void status_say_prometheus(struct text *to, const struct status *s);

#endif
