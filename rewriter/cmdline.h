/* cmdline.h - a command line of (ip|ip6)tables for one rule, and what a kernel wants it to be. */
#ifndef CMDLINE_H
#define CMDLINE_H

#include "form.h"
#include "kernel.h"
#include "lexer.h"
#include "rewrite.h"
#include "rule.h"
#include "table.h"

/* As it was read; borrows argv. */
struct cmdline {
	int argc;
	char **argv;
	struct lexer_words words;	/* argv[1] and on; only `text` is set */
	struct rule rule;
	enum table table;		/* filter, if it names none */
};

/*
 * Returns 0, or -1 if the real program would refuse the line, or do with it what
 * is no command (-h, -V); or if it has more than LEXER_WORDS_MAX words.
 */
int cmdline_read(struct cmdline *c, int argc, char *argv[], enum family family);

/* It adds, inserts, replaces, checks or deletes (by its words) a rule with a good MARK target. */
bool cmdline_marks(const struct cmdline *c);

/*
 * What is to become of such a command.  The fate is as for a rule in a ruleset:
 * REWRITE_CHANGED means that it is to run with cmdline_argv(), when the helper
 * chain of change.op is there.  `line` is 0; `was` and `is` are empty.
 */
struct rewrite_change cmdline_change(const struct cmdline *c, const struct form_ground *g);

/*
 * The ruleset, for *-restore --noflush, that makes the helper chain of such a
 * change what it has to be, in one transaction.
 */
#define CMDLINE_RULES_MAX (FORM_CHAIN_TEXT_MAX + 64)
void cmdline_helper_rules(char text[static CMDLINE_RULES_MAX], const struct rewrite_change *change,
			  enum family family);

/*
 * The command's argv with another target and without the MARK option; `more`, up
 * to a NULL, stands at its end.  To be freed; borrows the words of argv and
 * `more`.  NULL if there is no memory.
 */
char **cmdline_argv(const struct cmdline *c, const char *target, const char *const more[]);

#endif
