#include "restore_args.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "own.h"

/* -4 and -6 are in nft before 1.8.5 only; what refuses them does so before it reads. */
static const char letters[] = "bcvVthnwWM:T:46";

static const struct option names[] = {
	{ "counters",		no_argument,		NULL, 'c' },
	{ "verbose",		no_argument,		NULL, 'v' },
	{ "version",		no_argument,		NULL, 'V' },
	{ "test",		no_argument,		NULL, 't' },
	{ "help",		no_argument,		NULL, 'h' },
	{ "noflush",		no_argument,		NULL, 'n' },
	{ "modprobe",		required_argument,	NULL, 'M' },
	{ "table",		required_argument,	NULL, 'T' },
	{ "wait",		optional_argument,	NULL, 'w' },
	{ "wait-interval",	optional_argument,	NULL, 'W' },
	{ "ipv4",		no_argument,		NULL, '4' },
	{ "ipv6",		no_argument,		NULL, '6' },
	{ NULL, 0, NULL, 0 },
};

/* -w and -W take the next word if it is no option: xs_has_arg() in xshared.c. */
static void skip_wait(int argc, char *const argv[])
{
	if (!optarg && optind < argc && argv[optind][0] != '-' && argv[optind][0] != '!')
		optind++;
}

/* Returns false where the real program ends without reading a ruleset. */
static bool parse_options(struct restore_args *a, int argc, char *argv[])
{
	int c;

	opterr = 0;
	optind = 0;	/* glibc: start anew */
	while ((c = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		switch (c) {
		case 'T':
			a->table = optarg;
			break;
		case 'n':
			a->noflush = true;
			break;
		case 't':
			a->test = true;
			break;
		case 'w':
		case 'W':
			skip_wait(argc, argv);
			break;
		case 'h':
		case 'V':
		case '?':
			return false;
		default:
			break;
		}
	}
	if (optind < argc)
		a->file = argv[optind];
	return optind >= argc - 1;
}

struct restore_args restore_args_parse(int argc, char *argv[])
{
	struct restore_args a = { .action = RESTORE_ELSE };
	OWN_MEM char **copy = calloc((size_t)argc + 1, sizeof(*copy));

	if (!copy)
		return a;
	/* getopt moves the words about */
	memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	if (!parse_options(&a, argc, copy))
		return a;
	a.action = RESTORE_READS;
	for (int i = 1; i < argc; i++)
		if (argv[i] == a.file)
			a.file_index = i;
	return a;
}
