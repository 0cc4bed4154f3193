/* line_map.h - from line numbers of the rewritten ruleset back to the caller's. */
#ifndef LINE_MAP_H
#define LINE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "rewrite.h"
#include "text.h"

/* Zero-initialised is valid: the numbers are the same. */
struct line_map {
	struct line_map_entry {
		size_t out, in;		/* number of the first line, from 1 */
		size_t lines_out, lines_in;
	} *at;
	size_t n, room;			/* entries; only where lines came or went */
	size_t more;			/* lines that came less those that went, modulo 2^N */
};

/* Takes note of a piece; in their order.  Returns 0, or -1 if there is no memory. */
int line_map_add(struct line_map *m, const struct rewrite_piece *piece);

/* The caller's line for line `out` of what the real program read. */
size_t line_map_back(const struct line_map *m, size_t out);

/*
 * Appends one line of the real program's messages to `to`, with the line number
 * that it is about, if it names one, turned back.
 */
void line_map_message(const struct line_map *m, struct text *to, struct span message);

void line_map_release(struct line_map *m);

#endif
