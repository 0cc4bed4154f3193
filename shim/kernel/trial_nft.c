#include "trial.h"

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
#include <linux/netfilter/xt_mark.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TABLE "markshim-trial"
#define CHAIN "trial"

/* The sequence numbers of the batch, by which the kernel names what it refuses. */
enum { SEQ_BEGIN = 1, SEQ_TABLE, SEQ_CHAIN, SEQ_RULE, SEQ_END };

struct batch {
	struct mnl_nlmsg_batch *batch;
	uint16_t family;
	char buffer[8192];
};

static struct nlmsghdr *begin_message(struct batch *b, uint16_t type, uint16_t flags, uint32_t seq)
{
	return nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(b->batch), type, b->family,
				     NLM_F_CREATE | NLM_F_ACK | flags, seq);
}

static int add_table(struct batch *b)
{
	struct nftnl_table *t = nftnl_table_alloc();

	if (!t)
		return -1;
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, TABLE);
	nftnl_table_nlmsg_build_payload(begin_message(b, NFT_MSG_NEWTABLE, 0, SEQ_TABLE), t);
	nftnl_table_free(t);
	mnl_nlmsg_batch_next(b->batch);
	return 0;
}

static int add_chain(struct batch *b)
{
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (!c)
		return -1;
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, TABLE);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, CHAIN);
	nftnl_chain_nlmsg_build_payload(begin_message(b, NFT_MSG_NEWCHAIN, 0, SEQ_CHAIN), c);
	nftnl_chain_free(c);
	mnl_nlmsg_batch_next(b->batch);
	return 0;
}

/* nft_compat's expression `target`, as iptables-nft makes it for -j MARK --set-xmark 0x1/0x1. */
static struct nftnl_expr *mark_expression(void)
{
	struct nftnl_expr *x = nftnl_expr_alloc("target");
	/* the kernel wants the size that xtables aligns to */
	struct xt_mark_tginfo2 *info = calloc(1, NLMSG_ALIGN(sizeof(*info)));

	if (!x || !info) {
		free(info);
		if (x)
			nftnl_expr_free(x);
		return NULL;
	}
	*info = (struct xt_mark_tginfo2){ .mark = 1, .mask = 1 };
	nftnl_expr_set_str(x, NFTNL_EXPR_TG_NAME, "MARK");
	nftnl_expr_set_u32(x, NFTNL_EXPR_TG_REV, 2);
	/* the expression frees it */
	nftnl_expr_set(x, NFTNL_EXPR_TG_INFO, info, sizeof(*info));
	return x;
}

static int add_rule(struct batch *b)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct nftnl_expr *x = r ? mark_expression() : NULL;

	if (!x) {
		if (r)
			nftnl_rule_free(r);
		return -1;
	}
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, TABLE);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, CHAIN);
	nftnl_rule_add_expr(r, x);
	nftnl_rule_nlmsg_build_payload(begin_message(b, NFT_MSG_NEWRULE, NLM_F_APPEND, SEQ_RULE),
				       r);
	nftnl_rule_free(r);
	mnl_nlmsg_batch_next(b->batch);
	return 0;
}

static int build(struct batch *b)
{
	nftnl_batch_begin(mnl_nlmsg_batch_current(b->batch), SEQ_BEGIN);
	mnl_nlmsg_batch_next(b->batch);
	if (add_table(b) < 0 || add_chain(b) < 0 || add_rule(b) < 0)
		return -1;
	nftnl_batch_end(mnl_nlmsg_batch_current(b->batch), SEQ_END);
	mnl_nlmsg_batch_next(b->batch);
	return 0;
}

/* One acknowledgement: the sequence number that it is about, and its errno value. */
static void read_ack(const struct nlmsghdr *n, uint32_t *seq, int *error)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(n);

	*seq = n->nlmsg_seq;
	*error = n->nlmsg_type == NLMSG_ERROR && mnl_nlmsg_get_payload_len(n) >= sizeof(*e)
		? -e->error : EBADMSG;
}

/* Reads on until the rule's acknowledgement has come, or one that is an error. */
static enum answer read_verdict(struct mnl_socket *s, struct err *e)
{
	char buffer[8192];
	uint32_t seq = 0;
	int error = 0, left;

	while (seq != SEQ_RULE && !error) {
		ssize_t n = mnl_socket_recvfrom(s, buffer, sizeof(buffer));
		struct nlmsghdr *head = (struct nlmsghdr *)buffer;

		if (n < 0) {
			err_sys(e, "the answer of nf_tables");
			return ANSWER_UNKNOWN;
		}
		for (left = (int)n; mnl_nlmsg_ok(head, left) && seq != SEQ_RULE && !error;
		     head = mnl_nlmsg_next(head, &left))
			read_ack(head, &seq, &error);
	}
	if (!error)
		return ANSWER_YES;
	if (seq == SEQ_RULE && (error == EINVAL || error == ENOENT))
		return ANSWER_NO;
	errno = error;
	err_sys(e, "nf_tables refused message %u", seq);
	return ANSWER_UNKNOWN;
}

static enum answer try_batch(struct mnl_socket *s, struct batch *b, struct err *e)
{
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		err_sys(e, "binding a netlink socket");
		return ANSWER_UNKNOWN;
	}
	if (build(b) < 0) {
		err_set(e, "no memory for the trial's rule");
		return ANSWER_UNKNOWN;
	}
	if (mnl_socket_sendto(s, mnl_nlmsg_batch_head(b->batch),
			      mnl_nlmsg_batch_size(b->batch)) < 0) {
		err_sys(e, "asking nf_tables");
		return ANSWER_UNKNOWN;
	}
	return read_verdict(s, e);
}

enum answer trial_nft(enum family f, struct err *e)
{
	struct batch b = { .family = f == FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6 };
	struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	enum answer answer = ANSWER_UNKNOWN;

	if (!s) {
		err_sys(e, "a netlink socket");
		return ANSWER_UNKNOWN;
	}
	b.batch = mnl_nlmsg_batch_start(b.buffer, sizeof(b.buffer));
	if (b.batch) {
		answer = try_batch(s, &b, e);
		mnl_nlmsg_batch_stop(b.batch);
	} else {
		err_set(e, "no memory for the trial's rule");
	}
	mnl_socket_close(s);
	return answer;
}
