#include "nft_chain.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "helper.h"
#include "look_nft.h"
#include "talk.h"

#define ATTEMPTS 100
#define PART_SIZE_MAX 1024	/* bytes of all messages for one part */

/* One transaction; every message of it has a number of its own. */
struct batch {
	uint16_t family;
	uint32_t seq;
	struct mnl_nlmsg_batch *batch;
	struct nlmsghdr *last;		/* the message that was put last; NULL: none yet */
	char *buffer;
};

static int batch_begin(struct batch *b, enum family f, size_t parts, uint32_t generation)
{
	size_t size = (parts + 2) * PART_SIZE_MAX;
	struct nlmsghdr *n;

	*b = (struct batch){ .family = f == FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6 };
	b->buffer = malloc(size + MNL_SOCKET_BUFFER_SIZE);
	b->batch = b->buffer ? mnl_nlmsg_batch_start(b->buffer, size) : NULL;
	if (!b->batch)
		return -1;
	n = nftnl_batch_begin(mnl_nlmsg_batch_current(b->batch), ++b->seq);
	/* nfnetlink_rcv_batch() refuses the whole if somebody was faster: ERESTART */
	mnl_attr_put_u32(n, NFNL_BATCH_GENID, htonl(generation));
	mnl_nlmsg_batch_next(b->batch);
	return 0;
}

static void batch_release(struct batch *b)
{
	if (b->batch)
		mnl_nlmsg_batch_stop(b->batch);
	free(b->buffer);
}

static struct nlmsghdr *message(struct batch *b, uint16_t type, uint16_t flags)
{
	b->last = nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(b->batch), type, b->family, flags,
					++b->seq);
	return b->last;
}

/* Returns 0 or an errno value. */
static int batch_commit(struct batch *b)
{
	struct mnl_socket *s = talk_open();
	size_t size;
	int error, room;

	if (!s)
		return errno;
	/* the others say something only if they fail */
	b->last->nlmsg_flags |= NLM_F_ACK;
	nftnl_batch_end(mnl_nlmsg_batch_current(b->batch), b->seq + 1);
	mnl_nlmsg_batch_next(b->batch);
	size = mnl_nlmsg_batch_size(b->batch);
	room = (int)size;
	setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	error = mnl_socket_sendto(s, mnl_nlmsg_batch_head(b->batch), size) < 0 ? errno
		: talk_ack(s, b->seq);
	mnl_socket_close(s);
	return error;
}

static int put_table(struct batch *b, const char *name, uint16_t type, uint16_t flags)
{
	struct nftnl_table *t = nftnl_table_alloc();

	if (!t)
		return -1;
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, name);
	nftnl_table_nlmsg_build_payload(message(b, type, flags), t);
	nftnl_table_free(t);
	mnl_nlmsg_batch_next(b->batch);
	return 0;
}

static int put_chain(struct batch *b, const struct part *p, uint16_t type, uint16_t flags)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	char name[HELPER_NAME_MAX];

	if (!c)
		return -1;
	helper_name(name, p->op);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, table_name(p->table));
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name);
	nftnl_chain_nlmsg_build_payload(message(b, type, flags), c);
	nftnl_chain_free(c);
	mnl_nlmsg_batch_next(b->batch);
	return 0;
}

/* Appends an expression to the rule; NULL if there is no memory. */
static struct nftnl_expr *expression(struct nftnl_rule *r, const char *name)
{
	struct nftnl_expr *x = nftnl_expr_alloc(name);

	if (x)
		nftnl_rule_add_expr(r, x);
	return x;
}

static int put_mark(struct nftnl_rule *r, uint16_t which_register)
{
	struct nftnl_expr *x = expression(r, "meta");

	if (!x)
		return -1;
	nftnl_expr_set_u32(x, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(x, which_register, NFT_REG_1);
	return 0;
}

/* Loads (mark & ~mask) ^ value, in host byte order as the mark is. */
static int put_operation(struct nftnl_rule *r, struct mark_op op)
{
	const uint32_t keep = ~op.mask;
	struct nftnl_expr *x;

	if (!keep) {
		x = expression(r, "immediate");
		if (!x)
			return -1;
		nftnl_expr_set_u32(x, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
		nftnl_expr_set_u32(x, NFTNL_EXPR_IMM_DATA, op.value);
		return 0;
	}
	x = put_mark(r, NFTNL_EXPR_META_DREG) < 0 ? NULL : expression(r, "bitwise");
	if (!x)
		return -1;
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_LEN, sizeof(keep));
	nftnl_expr_set(x, NFTNL_EXPR_BITWISE_MASK, &keep, sizeof(keep));
	nftnl_expr_set(x, NFTNL_EXPR_BITWISE_XOR, &op.value, sizeof(op.value));
	return 0;
}

static int put_rule(struct batch *b, const struct part *p)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	char name[HELPER_NAME_MAX];
	int result;

	if (!r)
		return -1;
	helper_name(name, p->op);
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, table_name(p->table));
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, name);
	result = put_operation(r, p->op) < 0 || put_mark(r, NFTNL_EXPR_META_SREG) < 0 ? -1 : 0;
	if (!result) {
		nftnl_rule_nlmsg_build_payload(message(b, NFT_MSG_NEWRULE,
						       NLM_F_CREATE | NLM_F_APPEND), r);
		mnl_nlmsg_batch_next(b->batch);
	}
	nftnl_rule_free(r);
	return result;
}

/* Another form's rules go, in the same transaction. */
static int put_flush(struct batch *b, const struct part *p)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	char name[HELPER_NAME_MAX];

	if (!r)
		return -1;
	helper_name(name, p->op);
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, table_name(p->table));
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, name);
	nftnl_rule_nlmsg_build_payload(message(b, NFT_MSG_DELRULE, 0), r);
	mnl_nlmsg_batch_next(b->batch);
	nftnl_rule_free(r);
	return 0;
}

/* What the chain of a part lacks, or has too much. */
static int put_part(struct batch *b, enum family f, struct part *p)
{
	char name[HELPER_NAME_MAX];

	helper_name(name, p->op);
	p->made = look_nft_chain(f, p->table, name) != ANSWER_YES;
	if (p->made && put_chain(b, p, NFT_MSG_NEWCHAIN, NLM_F_CREATE) < 0)
		return -1;
	if (!p->made && look_nft_counters(f, p->table, name) == ANSWER_YES) {
		if (put_flush(b, p) < 0)
			return -1;
	} else if (!p->made && look_nft_rules(f, p->table, name) == ANSWER_YES) {
		return 0;
	}
	return put_rule(b, p);
}

/* Puts the tables that are missing, as bits in *made, and then the chains. */
static int put_all(struct batch *b, enum family f, struct parts *p, unsigned int *made)
{
	for (size_t i = 0; i < p->n; i++) {
		const enum table t = p->at[i].table;

		if (p->at[i].kind != PART_IS_CHAIN || *made & 1u << t ||
		    look_nft_table(f, t) == ANSWER_YES)
			continue;
		if (put_table(b, table_name(t), NFT_MSG_NEWTABLE, NLM_F_CREATE) < 0)
			return -1;
		*made |= 1u << t;
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].kind == PART_IS_CHAIN && put_part(b, f, &p->at[i]) < 0)
			return -1;
	return 0;
}

static int note_generation(const struct nlmsghdr *n, void *generation)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, n, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(a) == NFTA_GEN_ID)
			*(uint32_t *)generation = ntohl(mnl_attr_get_u32(a));
	return MNL_CB_OK;
}

/* The number of the last transaction.  Returns 0 or an errno value. */
static int read_generation(uint32_t *generation)
{
	char buffer[64];

	*generation = 0;
	return talk_dump(nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETGEN, NFPROTO_UNSPEC, NLM_F_ACK, 1),
			 note_generation, generation);
}

/* Returns 0 or an errno value. */
static int try_once(enum family f, struct parts *p, unsigned int *made)
{
	struct batch b = { 0 };
	uint32_t generation;
	int error = read_generation(&generation);

	*made = 0;
	if (error)
		return error;
	if (batch_begin(&b, f, p->n + TABLE_COUNT, generation) < 0 || put_all(&b, f, p, made) < 0)
		error = ENOMEM;
	else if (b.last)
		error = batch_commit(&b);
	batch_release(&b);
	return error;
}

static void wait_a_little(int attempt)
{
	const struct timespec t = { .tv_nsec = attempt * 100000L };

	if (attempt > 3)
		nanosleep(&t, NULL);
}

static bool was_overtaken(int error)
{
	return error == ERESTART || error == EINTR || error == EAGAIN;
}

static bool has_chains(const struct parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].kind == PART_IS_CHAIN)
			return true;
	return false;
}

int nft_chain_make(enum family f, struct parts *p, struct err *e)
{
	unsigned int made = 0;
	int error, attempt = 0;

	/* a kernel without nf_tables may well have sets */
	if (!has_chains(p))
		return 0;
	do {
		wait_a_little(attempt);
		error = try_once(f, p, &made);
	} while (was_overtaken(error) && ++attempt < ATTEMPTS);
	for (size_t i = 0; error && i < p->n; i++)
		p->at[i].made &= p->at[i].kind != PART_IS_CHAIN;
	if (error) {
		errno = error;
		return err_sys(e, "making helper chains in nftables");
	}
	for (enum table t = 0; t < TABLE_COUNT; t++)
		if (made & 1u << t &&
		    parts_add(p, (struct part){ PART_IS_TABLE, t, { 0, 0 }, true }, e) < 0)
			return -1;
	return 0;
}

int nft_chain_unmake(enum family f, const struct part *part, struct err *e)
{
	struct batch b;
	int error = ENOMEM, attempt = 0;

	do {
		uint32_t generation;

		wait_a_little(attempt);
		/* it is read only to be put; the kernel knows what is in use */
		error = read_generation(&generation);
		if (!error && batch_begin(&b, f, 1, generation) < 0)
			error = ENOMEM;
		if (error)
			break;
		/* NLM_F_NONREC: EBUSY for a table that has chains (nf_tables_deltable()) */
		if ((part->kind == PART_IS_TABLE
		     ? put_table(&b, table_name(part->table), NFT_MSG_DELTABLE, NLM_F_NONREC)
		     : put_chain(&b, part, NFT_MSG_DELCHAIN, 0)) < 0)
			error = ENOMEM;
		else
			error = batch_commit(&b);
		batch_release(&b);
	} while (was_overtaken(error) && ++attempt < ATTEMPTS);
	if (error == EBUSY || error == ENOENT)
		return 0;
	errno = error;
	return error ? err_sys(e, "deleting a helper chain in table %s", table_name(part->table)) : 1;
}
