/*
 * markshim-kernel: the questions that need the netfilter libraries.  markshim runs
 * it only when it has to, since loading them costs more than everything else.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "revision.h"
#include "trial.h"

static int usage(void)
{
	fputs("usage: markshim-kernel trial|revision legacy|nft 4|6\n", stderr);
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

int main(int argc, char *argv[])
{
	enum family f;
	enum backend b;

	if (argc != 4 || strlen(argv[3]) != 1 || !strchr("46", *argv[3]))
		return usage();
	f = *argv[3] == '4' ? FAMILY_IPV4 : FAMILY_IPV6;
	b = !strcmp(argv[2], "legacy") ? BACKEND_LEGACY : !strcmp(argv[2], "nft") ? BACKEND_NFT
		: BACKEND_UNKNOWN;
	if (b == BACKEND_UNKNOWN)
		return usage();
	if (!strcmp(argv[1], "trial"))
		return run_trial(b, f);
	if (strcmp(argv[1], "revision") != 0)
		return usage();
	printf("%d\n", revision_of_mark(f, b));
	return 0;
}
