#include "alternatives.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "own.h"

#define ADMIN_DIR "/var/lib/dpkg/alternatives/"

int alternatives_open(struct alternatives_walk *w, enum family family)
{
	const char *path = family == FAMILY_IPV4 ? ADMIN_DIR "iptables" : ADMIN_DIR "ip6tables";
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, w->text, sizeof(w->text) - 1);
	if (n <= 0)
		return -1;
	w->text[n] = '\0';
	w->priority = LONG_MAX;
	w->position = -1;
	return 0;
}

/* Copies the line at *at and goes on to the next; false at the end. */
static bool next_line(const char **at, char line[static PATH_MAX])
{
	size_t len = strcspn(*at, "\n");

	if (!**at)
		return false;
	snprintf(line, PATH_MAX, "%.*s", (int)(len < PATH_MAX ? len : PATH_MAX - 1), *at);
	*at += len + ((*at)[len] == '\n');
	return true;
}

/*
 * The file, by line: mode and link; name and link of each slave; an empty line;
 * then for each alternative its path, its priority and the path of each slave
 * (empty if it lacks that one).  *slaves is the number of slaves, *at the first
 * alternative, and the result tells which slave `kind` is, -1 for the group itself.
 */
static int read_head(const char **at, int *slaves, enum applet_kind kind)
{
	static const char *const suffixes[] = { "", "-restore", "-save" };
	char line[PATH_MAX];
	int which = -1;

	*slaves = 0;
	if (!next_line(at, line) || !next_line(at, line))
		return -1;
	while (next_line(at, line) && *line) {
		const char *dash = strrchr(line, '-');

		if (dash && !strcmp(dash, suffixes[kind]))
			which = *slaves;
		(*slaves)++;
		if (!next_line(at, line))
			break;
	}
	return which;
}

/* The alternative at that place was not given yet. */
static bool comes_later(const struct alternatives_walk *w, long priority, int position)
{
	return priority < w->priority ||
		(priority == w->priority && position > w->position);
}

bool alternatives_best(struct alternatives_walk *w, char path[static PATH_MAX],
		       enum applet_kind kind)
{
	char line[PATH_MAX], candidate[PATH_MAX];
	const char *at = w->text;
	long best = LONG_MIN, priority;
	int slaves, which = read_head(&at, &slaves, kind), best_position = -1;

	if (kind != APPLET_COMMAND && which < 0)
		return false;
	for (int n = 0; next_line(&at, candidate) && *candidate && next_line(&at, line); n++) {
		priority = strtol(line, NULL, 10);
		for (int i = 0; i < slaves && next_line(&at, line); i++)
			if (i == which)
				memcpy(candidate, line, sizeof(line));
		if (priority <= best || !comes_later(w, priority, n) || !*candidate)
			continue;
		best = priority;
		best_position = n;
		memcpy(path, candidate, sizeof(candidate));
	}
	w->priority = best;
	w->position = best_position;
	return best_position >= 0;
}
