#include "alternatives.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "own.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The last is that of image-based systems: chkconfig's alternatives.c looks there first. */
static const struct alternatives_system systems[] = {
	{ "/var/lib/dpkg/alternatives", "/etc/alternatives", "/usr/bin/update-alternatives", true },
	{ "/var/lib/alternatives", "/etc/alternatives", "/usr/sbin/alternatives", false },
	{ "/var/lib/alternatives", "/etc/alternatives", "/usr/sbin/update-alternatives", false },
	{ "/etc/alternatives-admindir", "/etc/alternatives", "/usr/sbin/alternatives", false },
};

static bool is_here(const struct alternatives_system *s)
{
	return access(s->files, F_OK) == 0 && access(s->tool, X_OK) == 0;
}

const struct alternatives_system *alternatives_here(void)
{
	for (size_t i = 0; i < COUNT(systems); i++)
		if (is_here(&systems[i]))
			return &systems[i];
	return NULL;
}

/* Returns false at the end. */
static bool next_line(const char **at, struct span *line)
{
	if (!**at)
		return false;
	*line = (struct span){ *at, strcspn(*at, "\n") };
	*at += line->len + ((*at)[line->len] == '\n');
	return true;
}

/* "20", and with Fedora's also "@family@20 service". */
static long parse_priority(struct span line)
{
	const char *family_end = line.len && *line.at == '@'
		? memchr(line.at + 1, '@', line.len - 1) : NULL;

	return strtol(family_end ? family_end + 1 : line.at, NULL, 10);
}

static bool parse_choice(struct alternatives *a, const char **at)
{
	struct alternatives_choice *c = &a->choices[a->n_choices];
	struct span line;

	if (!next_line(at, &c->path) || !c->path.len || !next_line(at, &line))
		return false;
	c->priority = parse_priority(line);
	for (size_t i = 0; i < a->n_followers; i++)
		if (!next_line(at, &c->followers[i]))
			c->followers[i] = (struct span){ *at, 0 };
	return true;
}

/*
 * The file, by line: mode and link; name and link of each follower; an empty line; then for
 * each alternative its path, its priority and the path of each follower (empty if it
 * lacks that one).
 */
int alternatives_parse(struct alternatives *a)
{
	const char *at = a->text;
	struct span mode, name, link;

	a->n_followers = a->n_choices = 0;
	if (!next_line(&at, &mode) || !next_line(&at, &a->link))
		return -1;
	a->manual = span_is(mode, "manual");
	while (next_line(&at, &name) && name.len && next_line(&at, &link)) {
		if (a->n_followers == ALTERNATIVES_MAX)
			return -1;
		a->followers[a->n_followers].name = name;
		a->followers[a->n_followers++].link = link;
	}
	while (a->n_choices < ALTERNATIVES_MAX && parse_choice(a, &at))
		a->n_choices++;
	return 0;
}

static int read_group(struct alternatives *a, const struct alternatives_system *s,
		      const char *group)
{
	char path[128];
	OWN_FD int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", s->files, group);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, a->text, sizeof(a->text) - 1);
	if (n <= 0)
		return -1;
	a->text[n] = '\0';
	a->system = s;
	a->group = group;
	return alternatives_parse(a);
}

static bool has_follower(const struct alternatives *a, const char *name)
{
	for (size_t i = 0; i < a->n_followers; i++)
		if (span_is(a->followers[i].name, name))
			return true;
	return false;
}

int alternatives_open(struct alternatives *a, enum family family)
{
	const char *own = family == FAMILY_IPV4 ? "iptables" : "ip6tables";

	for (size_t i = 0; i < COUNT(systems); i++) {
		if (read_group(a, &systems[i], own) == 0)
			return 0;
		if (read_group(a, &systems[i], "iptables") == 0 && has_follower(a, own))
			return 0;
	}
	a->group = own;
	a->n_followers = a->n_choices = 0;
	return -1;
}

static bool comes_after(const struct alternatives_choice *c,
			const struct alternatives_choice *after)
{
	return !after || c->priority < after->priority ||
		(c->priority == after->priority && c > after);
}

const struct alternatives_choice *alternatives_next(const struct alternatives *a,
						    const struct alternatives_choice *after)
{
	const struct alternatives_choice *best = NULL;

	for (size_t i = 0; i < a->n_choices; i++)
		if (comes_after(&a->choices[i], after) &&
		    (!best || a->choices[i].priority > best->priority))
			best = &a->choices[i];
	return best;
}

const struct alternatives_choice *alternatives_find(const struct alternatives *a,
						    const char *path)
{
	for (size_t i = 0; i < a->n_choices; i++)
		if (span_is(a->choices[i].path, path))
			return &a->choices[i];
	return NULL;
}

struct span alternatives_program(const struct alternatives *a,
				 const struct alternatives_choice *c, const char *name)
{
	if (!strcmp(a->group, name))
		return c->path;
	for (size_t i = 0; i < a->n_followers; i++)
		if (span_is(a->followers[i].name, name))
			return c->followers[i];
	return (struct span){ "", 0 };
}

void alternatives_selected(const struct alternatives *a, char path[static PATH_MAX])
{
	char link[128];
	ssize_t n;

	snprintf(link, sizeof(link), "%s/%s", a->system->links, a->group);
	n = readlink(link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
}

struct span alternatives_lacks(const struct alternatives *a, const struct alternatives_choice *c)
{
	for (size_t i = 0; i < a->n_followers; i++)
		if (!c->followers[i].len)
			return a->followers[i].name;
	return (struct span){ "", 0 };
}
