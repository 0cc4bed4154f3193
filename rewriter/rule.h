/* rule.h - the parts of one rule line that matter here: command, chain, target, mark. */
#ifndef RULE_H
#define RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"
#include "lexer.h"
#include "mark.h"

/*
 * All words and texts are borrowed from the lexer_words that were parsed.
 */
struct rule {
	char command;			/* 'A', 'I', ..., as the short option; '\0' if none */
	const char *chain;		/* what the command is about; NULL if it names none */
	bool jumps;			/* -j, in contrast to -g or no target at all */
	bool ignored;			/* it is for the other family, and read no further */
	bool matches_mark;		/* it has -m mark */
	const struct lexer_word *target_words[2];	/* -j or -g and its value; [1] may be NULL */
	const struct lexer_word *target;	/* the word that ends in the target's name, or NULL */
	const char *target_name;	/* in target->text, behind "--jump=" and the like */
	const struct lexer_word *mark[2];	/* the words of its one MARK option; [1] may be NULL */
	struct mark_op op;		/* good if mark[0] is set */
	/* what only a command line has */
	const char *table;		/* of -t; NULL if not given */
	bool waits;			/* -w */
	const char *wait;		/* its seconds; NULL: without end */
	const char *modprobe;		/* of -M, or NULL */
	unsigned int verbose;		/* how often -v was given */
	bool numbers;			/* --line-numbers */
	bool zeroes;			/* -Z, alone or with -L or -S */
	bool more;			/* options beside those of these five lines and the command */
};

/*
 * Reads a rule as do_parse() in iptables' xshared.c does.  A line that ends
 * early because it is for the other family counts as far as it is read.
 *
 * Returns 0, or -1 if the real program would refuse the line or do something
 * else than a command with it (-h, -V), so that there is nothing to rewrite.
 * Options that no known extension has are taken for ones with a word of their
 * own if that word is no option.
 */
int rule_parse(struct rule *r, const struct lexer_words *words, enum family family);

/*
 * The same for the words of a command line, which may have -t, -w and -W too.  Of
 * the words only `text` matters.
 */
int rule_parse_command(struct rule *r, const struct lexer_words *words, enum family family);

#endif
