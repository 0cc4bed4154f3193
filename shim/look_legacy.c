#include "look_legacy.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "helper.h"
#include "own.h"

/* Bytes of a table, of which a look costs as much as a filter for what is printed (0.7 ms). */
#define LARGE ((size_t)256 << 10)
#define ATTEMPTS 10		/* a table that grows between two calls gives EAGAIN */

static const struct layout {
	int domain, level, info, entries;
	const char *names;	/* of the tables that are there already */
	size_t entry, target_offset, next_offset;
} layouts[FAMILY_COUNT] = {
	[FAMILY_IPV4] = {
		AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES,
		"/proc/net/ip_tables_names", sizeof(struct ipt_entry),
		offsetof(struct ipt_entry, target_offset), offsetof(struct ipt_entry, next_offset),
	},
	[FAMILY_IPV6] = {
		AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES,
		"/proc/net/ip6_tables_names", sizeof(struct ip6t_entry),
		offsetof(struct ip6t_entry, target_offset), offsetof(struct ip6t_entry, next_offset),
	},
};

/* The parts of both that are used have the same shape. */
_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "one struct for both");
_Static_assert(sizeof(struct ipt_get_entries) == sizeof(struct ip6t_get_entries),
	       "one struct for both");

/* One rule, or the head of a chain; bounds are checked. */
struct entry {
	size_t next;		/* bytes from its start */
	bool head;		/* target ERROR: a chain begins, or the table ends */
	const char *chain;	/* of a head */
};

static bool read_entry(struct entry *e, const struct layout *l, const char *at, size_t len)
{
	const size_t head = sizeof(struct xt_entry_target);
	uint16_t target, next;
	const char *name;

	if (len < l->entry)
		return false;
	memcpy(&target, at + l->target_offset, sizeof(target));
	memcpy(&next, at + l->next_offset, sizeof(next));
	if (target < l->entry || next > len || target + head > next)
		return false;
	name = at + target + offsetof(struct xt_entry_target, u.user.name);
	*e = (struct entry){ .next = next, .head = !strncmp(name, XT_ERROR_TARGET,
							    XT_EXTENSION_MAXNAMELEN) };
	e->chain = at + target + head;
	return !e->head || memchr(e->chain, '\0', next - target - head);
}

bool look_legacy_walk(enum family f, const void *entries, size_t len, look_legacy_see *see,
		      void *state)
{
	const char *at = entries, *chain = NULL;
	size_t rules = 0;
	struct entry e;

	for (; len; at += e.next, len -= e.next) {
		if (!read_entry(&e, &layouts[f], at, len))
			return false;
		if (e.head) {
			/* a chain's last rule is its return, which no user made */
			if (chain && see(state, chain, rules > 1))
				return true;
			chain = e.chain;
			rules = 0;
		} else {
			rules++;
		}
	}
	return true;
}

struct wanted {
	const char *chain;	/* NULL: any helper chain */
	bool with_rules;
	bool found;
};

static bool see_wanted(void *state, const char *chain, bool has_rules)
{
	struct wanted *w = state;
	struct mark_op op;

	w->found |= (w->chain ? !strcmp(chain, w->chain) : helper_parse(&op, chain, strlen(chain)))
		&& (has_rules || !w->with_rules);
	return w->found;
}

/* Asks for all of a table, up to `max` bytes; *e is to be freed, and NULL if it is larger. */
static int get_entries(struct ipt_get_entries **e, int fd, const struct layout *l, enum table t,
		       size_t max)
{
	struct ipt_getinfo info = { .name = "" };
	socklen_t len = sizeof(info);

	snprintf(info.name, sizeof(info.name), "%s", table_name(t));
	if (getsockopt(fd, l->level, l->info, &info, &len) < 0)
		return -1;
	if (info.size > max)
		return 0;
	len = (socklen_t)(sizeof(**e) + info.size);
	*e = calloc(1, len);
	if (!*e)
		return -1;
	memcpy((*e)->name, info.name, sizeof(info.name));
	(*e)->size = info.size;
	return getsockopt(fd, l->level, l->entries, *e, &len);
}

/*
 * No: there is no such table.  Otherwise a table that nobody has used so far is made by this.
 * A table of more than `max` bytes is not walked, and *larger says so.
 */
static enum answer walk_table(enum family f, enum table t, size_t max, bool *larger,
			      look_legacy_see *see, void *state)
{
	const struct layout *l = &layouts[f];
	OWN_FD int fd = socket(l->domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	int tries = ATTEMPTS;

	while (fd >= 0 && tries--) {
		OWN_MEM struct ipt_get_entries *e = NULL;

		if (get_entries(&e, fd, l, t, max) == 0) {
			*larger = !e;
			return !e || look_legacy_walk(f, e->entrytable, e->size, see, state)
				? ANSWER_YES : ANSWER_UNKNOWN;
		}
		/* ENOPROTOOPT: the module of all tables is not there yet */
		if (errno == ENOENT || errno == ENOPROTOOPT)
			return ANSWER_NO;
		if (errno != EAGAIN)
			break;
	}
	return ANSWER_UNKNOWN;
}

/* As *-save asks it: among the tables that somebody has used. */
static enum answer is_loaded(enum family f, enum table t)
{
	FILE *names = fopen(layouts[f].names, "re");
	enum answer loaded = names ? ANSWER_NO : errno == ENOENT ? ANSWER_NO : ANSWER_UNKNOWN;
	char line[64];

	while (names && fgets(line, sizeof(line), names)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(line, table_name(t)))
			loaded = ANSWER_YES;
	}
	if (names)
		fclose(names);
	return loaded;
}

static enum answer look(enum family f, enum table t, struct wanted w)
{
	/* a large one counts as one that has a helper chain */
	bool larger = false;
	enum answer a = walk_table(f, t, w.chain ? SIZE_MAX : LARGE, &larger, see_wanted, &w);

	return a == ANSWER_YES && !w.found && !larger ? ANSWER_NO : a;
}

enum answer look_legacy_chain(enum family f, enum table t, const char *chain)
{
	return look(f, t, (struct wanted){ .chain = chain });
}

enum answer look_legacy_rules(enum family f, enum table t, const char *chain)
{
	return look(f, t, (struct wanted){ .chain = chain, .with_rules = true });
}

enum answer look_legacy_helpers(enum family f, enum table t)
{
	enum answer all = ANSWER_NO;

	if (t != TABLE_UNKNOWN)
		return look(f, t, (struct wanted){ 0 });
	for (t = 0; t < TABLE_COUNT && all != ANSWER_YES; t++) {
		enum answer a = is_loaded(f, t);

		if (a == ANSWER_YES)
			a = look(f, t, (struct wanted){ 0 });
		all = a == ANSWER_NO ? all : a;
	}
	return all;
}

static bool see_target(void *state, const char *chain, bool has_rules)
{
	bool *named = state;

	(void)has_rules;
	for (int x = 0; x < XT_COUNT; x++)
		named[x] |= !xt_names[x].is_match && !strcmp(chain, xt_names[x].name);
	return false;
}

enum answer look_legacy_targets(enum family f, enum table t, bool named[static XT_COUNT])
{
	bool larger;

	/* the look at one that nobody has used would make it, though the real program may never run */
	if (is_loaded(f, t) == ANSWER_NO)
		return ANSWER_NO;
	return walk_table(f, t, SIZE_MAX, &larger, see_target, named);
}
