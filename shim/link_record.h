/*
 * link_record.h - the record of the links that markshim has put, in REAL_RECORD_DIR: a
 * line for each, its path, a tab, and the target of the link that was there, or "-".
 */
#ifndef LINK_RECORD_H
#define LINK_RECORD_H

#include <limits.h>
#include <stdbool.h>

#include "err.h"
#include "text.h"

/* A link of the record, or one that is to be. */
struct link {
	char path[PATH_MAX];
	char was[PATH_MAX];	/* the target of what was there, or "-" */
};

#define LINKS_RECORD "links"

/* The record's lines.  Returns 0, or -1 if there is none. */
int link_record_read(struct text *lines);

/* Writes it; without lines it goes.  Returns 0, or -1 with *e set. */
int link_record_keep(const struct text *lines, struct err *e);

/* Returns false for a line that is none. */
bool link_record_line(struct link *l, struct span line);

/* The line about the link of that path. */
bool link_record_find(const struct text *lines, const char *path, struct link *l);
void link_record_forget(struct text *lines, const char *path);

bool link_is_in(const char *path, const char *dir);

#endif
