/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A preload library that takes xtables extensions away from a healthy kernel, for the iptables
 * programs and for markshim alike.  MARKSHIM_TEST_LOSS names the class of loss (table below).
 *
 * Nothing is answered here: each question and each ruleset goes to the kernel as a private copy
 * in which the extension has a name that no kernel knows, so the kernel itself says ENOENT.
 * The system calls are made directly, which spares a look-up of the functions replaced here.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/netlink.h>

enum {
	V4 = 1 << 0,
	V6 = 1 << 1,
	BOTH = V4 | V6,
};

/* The numbers are those of NFTA_COMPAT_TYPE. */
enum kind {
	MATCH = 0,
	TARGET = 1,
};

enum loss {
	NOTHING,
	NAME,		/* not there at all */
	MASK,		/* there, but a rule with a mask that is not all ones is refused */
};

static const struct {
	const char *class, *name;
	enum kind kind;
	int families;
	enum loss loss;
} losses[] = {
	{ "typo",	"MARK",		TARGET,	V6,	NAME },
	{ "typo",	"NFLOG",	TARGET,	V6,	NAME },
	/* no kernel is like that; what a typo kernel is like for rulesets without MARK */
	{ "nflog",	"NFLOG",	TARGET,	V6,	NAME },
	{ "nft-only",	"MARK",		TARGET,	V6,	NAME },
	{ "nft-only",	"CONNMARK",	TARGET,	V6,	NAME },
	{ "nft-only",	"HMARK",	TARGET,	V6,	NAME },
	{ "nft-only",	"NFLOG",	TARGET,	V6,	NAME },
	{ "nft-only",	"CT",		TARGET,	V6,	NAME },
	{ "nft-only",	"CLASSIFY",	TARGET,	V6,	NAME },
	{ "maskreject",	"MARK",		TARGET,	BOTH,	MASK },
	{ "no-module",	"MARK",		TARGET,	BOTH,	NAME },
	{ "no-module",	"mark",		MATCH,	BOTH,	NAME },
};

/* Where the legacy interface keeps the same things in each family. */
static const struct layout {
	int family, level, replace, ask[2];	/* ask: by enum kind */
	size_t head, size, entry, target_offset, next_offset;
} layouts[] = {
	{
		V4, IPPROTO_IP, IPT_SO_SET_REPLACE,
		{ IPT_SO_GET_REVISION_MATCH, IPT_SO_GET_REVISION_TARGET },
		sizeof(struct ipt_replace), offsetof(struct ipt_replace, size),
		sizeof(struct ipt_entry), offsetof(struct ipt_entry, target_offset),
		offsetof(struct ipt_entry, next_offset),
	},
	{
		V6, IPPROTO_IPV6, IP6T_SO_SET_REPLACE,
		{ IP6T_SO_GET_REVISION_MATCH, IP6T_SO_GET_REVISION_TARGET },
		sizeof(struct ip6t_replace), offsetof(struct ip6t_replace, size),
		sizeof(struct ip6t_entry), offsetof(struct ip6t_entry, target_offset),
		offsetof(struct ip6t_entry, next_offset),
	},
};

/* `name` need not end with a null byte within `len`. */
static enum loss loss_of(enum kind kind, int family, const char *name, size_t len)
{
	const char *class = getenv("MARKSHIM_TEST_LOSS");

	for (size_t i = 0; class && i < sizeof(losses) / sizeof(losses[0]); i++)
		if (!strcmp(losses[i].class, class) && losses[i].kind == kind &&
		    (losses[i].families & family) && strlen(losses[i].name) < len &&
		    !strncmp(losses[i].name, name, len))
			return losses[i].loss;
	return NOTHING;
}

/* The same name with its first letter in the other case: MARK is mARK, mark is Mark. */
static void rename_in_place(char *name)
{
	name[0] ^= 'a' ^ 'A';
}

static bool mask_is_partial(const void *info, size_t len)
{
	struct xt_mark_tginfo2 mark;

	if (len < sizeof(mark))
		return false;
	memcpy(&mark, info, sizeof(mark));
	return mark.mask != UINT32_MAX;
}

/* ---- legacy: socket options ---- */

static const struct layout *layout_of(int level)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].level == level)
			return &layouts[i];
	return NULL;
}

int getsockopt(int fd, int level, int name, void *restrict val, socklen_t *restrict len)
{
	const struct layout *l = layout_of(level);

	for (enum kind kind = MATCH; l && kind <= TARGET; kind++) {
		struct xt_get_revision *ask = val, copy;

		if (name != l->ask[kind] || *len != sizeof(copy) ||
		    loss_of(kind, l->family, ask->name, sizeof(ask->name)) != NAME)
			continue;
		copy = *ask;
		rename_in_place(copy.name);
		return syscall(SYS_getsockopt, fd, level, name, &copy, len);
	}
	return syscall(SYS_getsockopt, fd, level, name, val, len);
}

static void spoil_matches(const struct layout *l, unsigned char *at, unsigned char *end)
{
	while ((size_t)(end - at) >= sizeof(struct xt_entry_match)) {
		struct xt_entry_match *m = (struct xt_entry_match *)at;
		size_t len = m->u.match_size;

		if (len < sizeof(*m) || len > (size_t)(end - at))
			return;
		if (loss_of(MATCH, l->family, m->u.user.name, sizeof(m->u.user.name)) == NAME)
			rename_in_place(m->u.user.name);
		at += len;
	}
}

/* A chain's name is the data of an ERROR target, a jump is a target without a name: both stay. */
static void spoil_target(const struct layout *l, unsigned char *at, size_t len)
{
	struct xt_entry_target *t = (struct xt_entry_target *)at;

	if (len < sizeof(*t))
		return;
	switch (loss_of(TARGET, l->family, t->u.user.name, sizeof(t->u.user.name))) {
	case NAME:
		rename_in_place(t->u.user.name);
		break;
	case MASK:
		if (mask_is_partial(t->data, len - sizeof(*t)))
			t->u.target_size = 0;	/* EINVAL, and not a word in the kernel's log */
		break;
	case NOTHING:
		break;
	}
}

static void spoil_table(const struct layout *l, unsigned char *blob, size_t len)
{
	unsigned char *at = blob + l->head, *end = blob + len;

	while ((size_t)(end - at) >= l->entry) {
		uint16_t target, next;

		memcpy(&target, at + l->target_offset, sizeof(target));
		memcpy(&next, at + l->next_offset, sizeof(next));
		if (target < l->entry || target > next || next > end - at)
			return;		/* broken: the kernel may say so */
		spoil_matches(l, at + l->entry, at + target);
		spoil_target(l, at + target, next - target);
		at += next;
	}
}

int setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
	const struct layout *l = layout_of(level);
	unsigned char *copy;
	int ret;

	if (!l || name != l->replace || len < l->head)
		return syscall(SYS_setsockopt, fd, level, name, val, len);
	copy = malloc(len);
	if (!copy)
		return -1;
	memcpy(copy, val, len);
	spoil_table(l, copy, len);
	ret = syscall(SYS_setsockopt, fd, level, name, copy, len);
	free(copy);
	return ret;
}

/* ---- nft: netlink messages ---- */

struct span {
	unsigned char *at;
	size_t len;
};

/* Takes the next attribute off `rest`; `body` is what it holds. */
static struct nlattr *attr_next(struct span *rest, struct span *body)
{
	struct nlattr *attr = (struct nlattr *)rest->at;
	size_t step;

	if (rest->len < NLA_HDRLEN || attr->nla_len < NLA_HDRLEN || attr->nla_len > rest->len)
		return NULL;
	*body = (struct span){ rest->at + NLA_HDRLEN, attr->nla_len - NLA_HDRLEN };
	step = NLA_ALIGN(attr->nla_len);
	if (step > rest->len)
		step = rest->len;
	rest->at += step;
	rest->len -= step;
	return attr;
}

static struct nlattr *attr_find(struct span in, int type, struct span *body)
{
	struct nlattr *attr;

	while ((attr = attr_next(&in, body)))
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
	return NULL;
}

/*
 * Splits the attribute with the target's data in two; the kernel keeps the last of the same type,
 * finds it too short and says EINVAL.
 */
static void cut_info(struct nlattr *attr, struct span info)
{
	struct nlattr empty = { .nla_len = NLA_HDRLEN, .nla_type = NFTA_TARGET_INFO };

	attr->nla_len -= NLA_HDRLEN;
	memcpy(info.at + info.len - NLA_HDRLEN, &empty, sizeof(empty));
}

static void spoil_expression(int family, struct span expr)
{
	struct span type, data, name, info;
	struct nlattr *attr;
	enum kind kind;

	if (!attr_find(expr, NFTA_EXPR_NAME, &type) || !attr_find(expr, NFTA_EXPR_DATA, &data))
		return;
	if (type.len == sizeof("target") && !memcmp(type.at, "target", type.len))
		kind = TARGET;
	else if (type.len == sizeof("match") && !memcmp(type.at, "match", type.len))
		kind = MATCH;
	else
		return;
	/* NFTA_MATCH_NAME has the same number. */
	if (!attr_find(data, NFTA_TARGET_NAME, &name))
		return;
	switch (loss_of(kind, family, (char *)name.at, name.len)) {
	case NAME:
		rename_in_place((char *)name.at);
		break;
	case MASK:
		attr = attr_find(data, NFTA_TARGET_INFO, &info);
		if (attr && mask_is_partial(info.at, info.len))
			cut_info(attr, info);
		break;
	case NOTHING:
		break;
	}
}

static void spoil_question(int family, struct span attrs)
{
	struct span name, type;
	uint32_t kind;

	if (!attr_find(attrs, NFTA_COMPAT_NAME, &name) ||
	    !attr_find(attrs, NFTA_COMPAT_TYPE, &type) || type.len != sizeof(kind))
		return;
	memcpy(&kind, type.at, sizeof(kind));
	if (loss_of(ntohl(kind), family, (char *)name.at, name.len) == NAME)
		rename_in_place((char *)name.at);
}

static void spoil_message(struct nlmsghdr *h)
{
	struct nfgenmsg *gen = NLMSG_DATA(h);
	struct span attrs, list, expr;
	int family;

	if (h->nlmsg_len < NLMSG_SPACE(sizeof(*gen)))
		return;
	attrs.at = (unsigned char *)gen + NLMSG_ALIGN(sizeof(*gen));
	attrs.len = h->nlmsg_len - NLMSG_SPACE(sizeof(*gen));
	family = gen->nfgen_family == NFPROTO_IPV4 ? V4 :
		 gen->nfgen_family == NFPROTO_IPV6 ? V6 : 0;

	if (h->nlmsg_type == (NFNL_SUBSYS_NFT_COMPAT << 8 | NFNL_MSG_COMPAT_GET))
		spoil_question(family, attrs);
	else if (h->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE) &&
		 attr_find(attrs, NFTA_RULE_EXPRESSIONS, &list))
		while (attr_next(&list, &expr))
			spoil_expression(family, expr);
}

static void spoil_batch(unsigned char *buf, size_t len)
{
	while (len >= NLMSG_HDRLEN) {
		struct nlmsghdr *h = (struct nlmsghdr *)buf;
		size_t step = NLMSG_ALIGN(h->nlmsg_len);

		if (h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > len)
			return;
		spoil_message(h);
		if (step > len)
			return;
		buf += step;
		len -= step;
	}
}

static bool is_netfilter(int fd)
{
	int domain, protocol;
	socklen_t len = sizeof(int);

	return !syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	       !syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) &&
	       domain == AF_NETLINK && protocol == NETLINK_NETFILTER;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct msghdr copy = *msg;
	struct iovec flat = { 0 };
	ssize_t ret;

	if (!is_netfilter(fd))
		return syscall(SYS_sendmsg, fd, msg, flags);
	for (size_t i = 0; i < msg->msg_iovlen; i++)
		flat.iov_len += msg->msg_iov[i].iov_len;
	flat.iov_base = malloc(flat.iov_len + 1);
	if (!flat.iov_base)
		return -1;
	flat.iov_len = 0;
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		memcpy((char *)flat.iov_base + flat.iov_len, msg->msg_iov[i].iov_base,
		       msg->msg_iov[i].iov_len);
		flat.iov_len += msg->msg_iov[i].iov_len;
	}
	spoil_batch(flat.iov_base, flat.iov_len);
	copy.msg_iov = &flat;
	copy.msg_iovlen = 1;
	ret = syscall(SYS_sendmsg, fd, &copy, flags);
	free(flat.iov_base);
	return ret;
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to,
	       socklen_t to_len)
{
	struct iovec iov = { (void *)buf, len };
	struct msghdr msg = {
		.msg_name = (void *)to, .msg_namelen = to_len, .msg_iov = &iov, .msg_iovlen = 1,
	};

	return sendmsg(fd, &msg, flags);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	return sendto(fd, buf, len, flags, NULL, 0);
}
