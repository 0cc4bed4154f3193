/*
 * markshim-kernel: what needs the netfilter libraries.  markshim runs it only when it
 * has to, since loading them costs more than everything else.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "make.h"
#include "revision.h"
#include "trial.h"

static int usage(void)
{
	fputs("usage: markshim-kernel trial|revision legacy|nft 4|6\n"
	      "       markshim-kernel make|unmake|sets 4|6\n"
	      "       markshim-kernel --version\n", stderr);
	return 2;
}

/* accepts, refuses, or unknown and why */
static int run_trial(enum backend b, enum family f)
{
	static const char *const words[] = {
		[ANSWER_UNKNOWN] = "unknown", [ANSWER_NO] = "refuses", [ANSWER_YES] = "accepts",
	};
	enum answer answer = ANSWER_UNKNOWN;
	struct err e = { "" };

	if (unshare(CLONE_NEWNET) < 0)
		err_sys(&e, "a network namespace of its own");
	else
		answer = b == BACKEND_LEGACY ? trial_legacy(f, &e) : trial_nft(f, &e);
	printf("%s%s%s\n", words[answer], *e.text ? " " : "", e.text);
	return 0;
}

static int run_revision(enum backend b, enum family f)
{
	printf("%d\n", revision_of_mark(f, b));
	return 0;
}

/* Of a backend, and of both. */
static const struct {
	const char *name;
	int (*of)(enum backend b, enum family f);
	int (*of_both)(enum family f);
} commands[] = {
	{ .name = "trial", .of = run_trial },
	{ .name = "revision", .of = run_revision },
	{ .name = "make", .of_both = make_parts },
	{ .name = "unmake", .of_both = unmake_parts },
	{ .name = "sets", .of_both = list_sets },
};

int main(int argc, char *argv[])
{
	const char *family = argc > 2 ? argv[argc - 1] : "", *backend = argc == 4 ? argv[2] : "";
	const enum family f = !strcmp(family, "4") ? FAMILY_IPV4 : FAMILY_IPV6;

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("markshim-kernel " VERSION);
		return 0;
	}
	if (argc < 3 || argc > 4 || strlen(family) != 1 || !strchr("46", *family))
		return usage();
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		if (argc == 3 && commands[i].of_both)
			return commands[i].of_both(f);
		for (enum backend b = BACKEND_LEGACY; b <= BACKEND_NFT; b++)
			if (commands[i].of && !strcmp(backend, backend_name(b)))
				return commands[i].of(b, f);
	}
	return usage();
}
