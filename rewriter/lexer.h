/* lexer.h - lines and words as iptables-restore reads them. */
#ifndef LEXER_H
#define LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

/*
 * What fgets() into the 10,240 byte buffer of iptables-restore.c takes at once.
 * A longer line is two lines, each with a number of its own.
 */
#define LEXER_LINE_MAX 10239
/* add_param_to_argv() in xshared.c: bytes in a word, and words in a line ... */
#define LEXER_WORD_MAX 1023
#define LEXER_ARGV_MAX 255
/* ... of which the program's name, -t and the table are taken already. */
#define LEXER_WORDS_MAX (LEXER_ARGV_MAX - 3)

/*
 * Takes the next line off the front of *rest: up to and with its newline, or
 * LEXER_LINE_MAX bytes.  Returns false at the end.
 */
bool lexer_line(struct span *rest, struct span *line);

/* The part of a line that a C string shows: up to its first NUL. */
struct span lexer_visible(struct span line);

/* The n-th (from 0) of the words that strtok(" \t\n") makes of a line; empty if there is none. */
struct span lexer_strtok(struct span line, size_t n);

struct lexer_word {
	struct span raw;	/* in the line, quotes and all */
	const char *text;	/* without quotes and escapes, terminated */
	bool quoted;		/* raw ends in the closing quote, which ends a word by itself */
};

/* Good as long as both the struct and the line that was split are. */
struct lexer_words {
	struct lexer_word at[LEXER_WORDS_MAX];
	size_t n;
	char text[2 * LEXER_LINE_MAX + 2];
};

/*
 * Splits a rule (what is left of a line after its counters) into words.
 * Returns 0, or -1 if the real program would refuse it: a word of more than
 * LEXER_WORD_MAX bytes, or too many of them.
 */
int lexer_split(struct lexer_words *w, struct span rule);

#endif
