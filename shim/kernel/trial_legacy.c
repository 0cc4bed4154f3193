#include "trial.h"

#include <errno.h>
#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter/xt_mark.h>
#include <string.h>

#define TABLE "filter"
static const xt_chainlabel chain = "OUTPUT";

struct mark_target {
	struct xt_entry_target head;
	struct xt_mark_tginfo2 info;
} __attribute__((aligned(8)));

static struct mark_target mark_target(void)
{
	struct mark_target t = {
		.head.u.user = { .target_size = sizeof(t), .name = "MARK", .revision = 2 },
		.info = { .mark = 1, .mask = 1 },
	};

	return t;
}

/*
 * An entry is followed by its target.  The same for both families, whose entries
 * are of different types.
 */
#define ENTRY_ROOM 256

static int append_ipv4(struct xtc_handle *h)
{
	char room[ENTRY_ROOM] __attribute__((aligned(8))) = { 0 };
	struct ipt_entry *entry = (struct ipt_entry *)room;
	const struct mark_target target = mark_target();

	entry->target_offset = sizeof(*entry);
	entry->next_offset = sizeof(*entry) + sizeof(target);
	memcpy(room + sizeof(*entry), &target, sizeof(target));
	return iptc_append_entry(chain, entry, h);
}

static int append_ipv6(struct xtc_handle *h)
{
	char room[ENTRY_ROOM] __attribute__((aligned(8))) = { 0 };
	struct ip6t_entry *entry = (struct ip6t_entry *)room;
	const struct mark_target target = mark_target();

	entry->target_offset = sizeof(*entry);
	entry->next_offset = sizeof(*entry) + sizeof(target);
	memcpy(room + sizeof(*entry), &target, sizeof(target));
	return ip6tc_append_entry(chain, entry, h);
}

static const struct {
	struct xtc_handle *(*init)(const char *table);
	int (*append)(struct xtc_handle *h);
	int (*commit)(struct xtc_handle *h);
	void (*free)(struct xtc_handle *h);
	const char *(*strerror)(int error);
} families[FAMILY_COUNT] = {
	[FAMILY_IPV4] = { iptc_init, append_ipv4, iptc_commit, iptc_free, iptc_strerror },
	[FAMILY_IPV6] = { ip6tc_init, append_ipv6, ip6tc_commit, ip6tc_free, ip6tc_strerror },
};

enum answer trial_legacy(enum family f, struct err *e)
{
	struct xtc_handle *h = families[f].init(TABLE);
	enum answer answer = ANSWER_UNKNOWN;

	if (!h) {
		err_set(e, "table %s: %s", TABLE, families[f].strerror(errno));
		return ANSWER_UNKNOWN;
	}
	if (!families[f].append(h))
		err_set(e, "chain %s: %s", chain, families[f].strerror(errno));
	else if (families[f].commit(h))
		answer = ANSWER_YES;
	else if (errno == EINVAL || errno == ENOENT)
		answer = ANSWER_NO;
	else
		err_set(e, "commit: %s", families[f].strerror(errno));
	families[f].free(h);
	return answer;
}
