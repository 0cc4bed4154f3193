#include "link_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lexer.h"
#include "own.h"
#include "real.h"
#include "store.h"

#define RECORD_MAX 65536	/* bytes */

int link_record_read(struct text *lines)
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, false);
	OWN_MEM char *record = malloc(RECORD_MAX);

	if (dir < 0 || !record || store_read(dir, LINKS_RECORD, record, RECORD_MAX) < 0)
		return -1;
	text_puts(lines, record);
	return lines->failed ? -1 : 0;
}

int link_record_keep(const struct text *lines, struct err *e)
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, true);

	if (dir < 0)
		return err_sys(e, "the directory `%s'", REAL_RECORD_DIR);
	if (lines->failed)
		return err_set(e, "no memory for the record of links");
	if (lines->len)
		return store_write(dir, LINKS_RECORD, lines->at) == 0 ? 0
			: err_sys(e, "writing `%s/%s'", REAL_RECORD_DIR, LINKS_RECORD);
	unlinkat(dir, LINKS_RECORD, 0);
	return 0;
}

bool link_record_line(struct link *l, struct span line)
{
	const char *tab;

	line = span_without_newline(line);
	tab = memchr(line.at, '\t', line.len);
	if (!tab || *line.at != '/' || line.len >= sizeof(l->path))
		return false;
	snprintf(l->path, sizeof(l->path), "%.*s", (int)(tab - line.at), line.at);
	snprintf(l->was, sizeof(l->was), "%.*s", (int)(line.at + line.len - tab - 1), tab + 1);
	return true;
}

bool link_is_in(const char *path, const char *dir)
{
	return !strncmp(path, dir, strlen(dir)) && strrchr(path, '/') == path + strlen(dir);
}

bool link_record_find(const struct text *lines, const char *path, struct link *l)
{
	struct span rest = { lines->at, lines->len }, line;

	while (rest.len && lexer_line(&rest, &line))
		if (link_record_line(l, line) && !strcmp(l->path, path))
			return true;
	return false;
}

void link_record_forget(struct text *lines, const char *path)
{
	struct span rest = { lines->at, lines->len }, line;
	struct text kept = { 0 };
	struct link l;

	while (rest.len && lexer_line(&rest, &line))
		if (!link_record_line(&l, line) || strcmp(l.path, path) != 0)
			text_span(&kept, line);
	text_release(lines);
	*lines = kept;
}
