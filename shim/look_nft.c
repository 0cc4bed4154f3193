#include "look_nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "helper.h"
#include "netlink.h"
#include "own.h"

#define ATTEMPTS 10

/* What is asked for, and what of the answers counts. */
struct question {
	uint16_t type;			/* NFT_MSG_GETCHAIN, NFT_MSG_GETRULE */
	uint16_t flags;
	struct span table, chain;	/* empty: all */
	size_t *n;			/* of what is counted and is no answer */
	bool (*counts)(const struct question *q, struct span attributes);
};

/* The attribute of that type as a text, without its terminator. */
static struct span text_of(struct span attributes, uint16_t type)
{
	struct span s = netlink_attribute(attributes, type);

	if (s.len && !s.at[s.len - 1])
		s.len--;
	return s;
}

static bool any(const struct question *q, struct span attributes)
{
	(void)q;
	(void)attributes;
	return true;
}

/* Old kernels hand out the chains of all tables. */
static bool helper(const struct question *q, struct span attributes)
{
	struct span name = text_of(attributes, NFTA_CHAIN_NAME);
	struct span table = text_of(attributes, NFTA_CHAIN_TABLE);
	struct mark_op op;

	return helper_parse(&op, name.at, name.len) && table_find(table) != TABLE_UNKNOWN &&
		(!q->table.len || span_same(q->table, table));
}

static bool counter(const struct question *q, struct span attributes)
{
	struct span list = netlink_attribute(attributes, NFTA_RULE_EXPRESSIONS), one;

	(void)q;
	while ((one = netlink_attribute(list, NFTA_LIST_ELEM)).len) {
		if (span_is(text_of(one, NFTA_EXPR_NAME), "counter"))
			return true;
		list = span_from(list, (size_t)(one.at + NLA_ALIGN(one.len) - list.at) < list.len
				 ? (size_t)(one.at + NLA_ALIGN(one.len) - list.at) : list.len);
	}
	return false;
}

/* NFTA_RULE_TABLE and NFTA_RULE_CHAIN */
static bool count_rule(const struct question *q, struct span attributes)
{
	struct span chain = text_of(attributes, NFTA_RULE_CHAIN);
	struct mark_op op;

	*q->n += span_same(q->table, text_of(attributes, NFTA_RULE_TABLE)) &&
		!helper_parse(&op, chain.at, chain.len);
	return false;
}

static size_t request(unsigned char buffer[static NETLINK_REQUEST_MAX], enum family f,
		      const struct question *q)
{
	/* NFTA_TABLE_NAME, NFTA_CHAIN_TABLE and NFTA_RULE_TABLE are 1; chain and name differ */
	const uint16_t chain = q->type == NFT_MSG_GETRULE ? NFTA_RULE_CHAIN : NFTA_CHAIN_NAME;
	size_t at = netlink_begin(buffer, NFNL_SUBSYS_NFTABLES << 8 | q->type, q->flags, f, 1);

	if (q->table.len)
		at = netlink_text(buffer, at, NFTA_CHAIN_TABLE, q->table);
	if (q->chain.len)
		at = netlink_text(buffer, at, chain, q->chain);
	return netlink_end(buffer, at);
}

/* One datagram.  Returns true when the answer is known, or will not be: *interrupted then. */
static bool read_answer(enum answer *a, bool *interrupted, const struct question *q,
			struct span datagram)
{
	struct netlink_message m;

	while (netlink_next(&m, &datagram)) {
		*interrupted |= m.interrupted;
		if (*interrupted && m.type == NLMSG_DONE)
			return true;
		if (m.type == NLMSG_DONE || m.type == NLMSG_ERROR) {
			/* ENOENT: no such chain or table; EOPNOTSUPP and the like: no nf_tables */
			*a = m.error == 0 || m.error == ENOENT ? ANSWER_NO : ANSWER_UNKNOWN;
			return true;
		}
		if (q->counts(q, m.attributes)) {
			*a = ANSWER_YES;
			return true;
		}
	}
	return false;
}

/* Asks once.  A dump that was *interrupted may lack what was there all the time. */
static enum answer ask_once(bool *interrupted, enum family f, const struct question *q)
{
	unsigned char buffer[NETLINK_REQUEST_MAX];
	static char reply[65536];
	size_t len = request(buffer, f, q);
	OWN_FD int fd = netlink_open();
	enum answer a = ANSWER_UNKNOWN;
	ssize_t n;

	*interrupted = false;
	if (q->n)
		*q->n = 0;
	if (fd < 0 || send(fd, buffer, len, MSG_NOSIGNAL) < 0)
		return ANSWER_UNKNOWN;
	do {
		n = recv(fd, reply, sizeof(reply), 0);
	} while ((n < 0 && errno == EINTR) ||
		 (n > 0 && !read_answer(&a, interrupted, q, (struct span){ reply, (size_t)n })));
	return a;
}

static enum answer ask(enum family f, const struct question *q)
{
	int tries = ATTEMPTS;
	bool interrupted;
	enum answer a;

	do {
		a = ask_once(&interrupted, f, q);
	} while (a == ANSWER_UNKNOWN && interrupted && --tries);
	return a;
}

enum answer look_nft_table(enum family f, enum table t)
{
	return ask(f, &(struct question){
		.type = NFT_MSG_GETTABLE, .flags = NLM_F_ACK,
		.table = span_of(table_name(t)), .counts = any,
	});
}

enum answer look_nft_chain(enum family f, enum table t, const char *chain)
{
	return ask(f, &(struct question){
		.type = NFT_MSG_GETCHAIN, .flags = NLM_F_ACK,
		.table = span_of(table_name(t)), .chain = span_of(chain), .counts = any,
	});
}

enum answer look_nft_rules(enum family f, enum table t, const char *chain)
{
	return ask(f, &(struct question){
		.type = NFT_MSG_GETRULE, .flags = NLM_F_DUMP,
		.table = span_of(table_name(t)), .chain = span_of(chain), .counts = any,
	});
}

enum answer look_nft_counters(enum family f, enum table t, const char *chain)
{
	return ask(f, &(struct question){
		.type = NFT_MSG_GETRULE, .flags = NLM_F_DUMP,
		.table = span_of(table_name(t)), .chain = span_of(chain), .counts = counter,
	});
}

enum answer look_nft_helpers(enum family f, enum table t)
{
	return ask(f, &(struct question){
		.type = NFT_MSG_GETCHAIN, .flags = NLM_F_DUMP,
		.table = span_of(t == TABLE_UNKNOWN ? "" : table_name(t)), .counts = helper,
	});
}

int look_nft_count(enum family f, enum table t, size_t *n)
{
	*n = 0;
	/* no when all have been counted */
	return ask(f, &(struct question){
		.type = NFT_MSG_GETRULE, .flags = NLM_F_DUMP,
		.table = span_of(table_name(t)), .n = n, .counts = count_rule,
	}) == ANSWER_NO ? 0 : -1;
}
