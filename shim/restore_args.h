/* restore_args.h - the command line of iptables-restore 1.8.2 to 1.8.11, as far as it matters. */
#ifndef RESTORE_ARGS_H
#define RESTORE_ARGS_H

#include <stdbool.h>

#include "kernel.h"

enum restore_action {
	RESTORE_READS,		/* a ruleset, from standard input or a file */
	RESTORE_ELSE,		/* --help, --version, or an error: no ruleset is read */
};

struct restore_args {
	enum restore_action action;
	bool noflush;		/* -n */
	bool test;		/* -t */
	const char *table;	/* -T; borrowed from argv; NULL if not given */
	const char *file;	/* borrowed; NULL: standard input */
	int file_index;		/* of `file` in argv */
};

/*
 * Reads argv as getopt_long() of the real program does, POSIXLY_CORRECT and
 * abbreviations included; argv itself stays as it is.  Out of memory, or an
 * option that no version has, is RESTORE_ELSE.
 */
struct restore_args restore_args_parse(int argc, char *argv[]);

#endif
