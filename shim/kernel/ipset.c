#include "ipset.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "form.h"
#include "talk.h"

#define TYPE "hash:net"
#define REVISION 6		/* the first with skbinfo */
#define BUCKETS 64		/* the least there is; two entries */

static struct nlmsghdr *begin(char *buffer, uint8_t command, uint16_t flags, enum family f,
			      const char *name)
{
	struct nlmsghdr *n = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *g;

	n->nlmsg_type = NFNL_SUBSYS_IPSET << 8 | command;
	n->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	n->nlmsg_seq = 1;
	g = mnl_nlmsg_put_extra_header(n, sizeof(*g));
	g->nfgen_family = f == FAMILY_IPV4 ? AF_INET : AF_INET6;
	g->version = NFNETLINK_V0;
	mnl_attr_put_u8(n, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_MIN);
	if (name)
		mnl_attr_put_strz(n, IPSET_ATTR_SETNAME, name);
	return n;
}

/* ip_set takes numbers in this byte order only. */
static void put_number(struct nlmsghdr *n, uint16_t attribute, uint32_t number)
{
	mnl_attr_put_u32(n, attribute | NLA_F_NET_BYTEORDER, htonl(number));
}

/* Returns an errno value of the kernel, or one of ip_set's own above 4096. */
static int ask(struct nlmsghdr *n)
{
	struct mnl_socket *s = talk_open();
	int error;

	if (!s)
		return errno;
	error = mnl_socket_sendto(s, n, n->nlmsg_len) < 0 ? errno : talk_ack(s, n->nlmsg_seq);
	mnl_socket_close(s);
	return error;
}

static int create(enum family f, const char *name)
{
	char buffer[1024];
	struct nlmsghdr *n = begin(buffer, IPSET_CMD_CREATE, NLM_F_CREATE | NLM_F_EXCL, f, name);
	struct nlattr *data;

	mnl_attr_put_strz(n, IPSET_ATTR_TYPENAME, TYPE);
	mnl_attr_put_u8(n, IPSET_ATTR_REVISION, REVISION);
	mnl_attr_put_u8(n, IPSET_ATTR_FAMILY, f == FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	data = mnl_attr_nest_start(n, IPSET_ATTR_DATA);
	put_number(n, IPSET_ATTR_HASHSIZE, BUCKETS);
	put_number(n, IPSET_ATTR_CADT_FLAGS, IPSET_FLAG_WITH_SKBINFO);
	mnl_attr_nest_end(n, data);
	return ask(n);
}

/* One half of all addresses; without NLM_F_EXCL an entry that is there gets this mark. */
static int add(enum family f, const char *name, struct mark_op op, uint8_t first_byte)
{
	const uint8_t address[16] = { first_byte };
	char buffer[1024];
	struct nlmsghdr *n = begin(buffer, IPSET_CMD_ADD, 0, f, name);
	struct nlattr *data = mnl_attr_nest_start(n, IPSET_ATTR_DATA), *ip;

	ip = mnl_attr_nest_start(n, IPSET_ATTR_IP);
	mnl_attr_put(n, (f == FAMILY_IPV4 ? IPSET_ATTR_IPADDR_IPV4 : IPSET_ATTR_IPADDR_IPV6) |
		     NLA_F_NET_BYTEORDER, f == FAMILY_IPV4 ? 4 : 16, address);
	mnl_attr_nest_end(n, ip);
	mnl_attr_put_u8(n, IPSET_ATTR_CIDR, 1);
	mnl_attr_put_u64(n, IPSET_ATTR_SKBMARK | NLA_F_NET_BYTEORDER,
			 htobe64((uint64_t)op.value << 32 | op.mask));
	mnl_attr_nest_end(n, data);
	return ask(n);
}

static int destroy(enum family f, const char *name)
{
	char buffer[1024];

	return ask(begin(buffer, IPSET_CMD_DESTROY, 0, f, name));
}

static int fail(struct err *e, const char *name, int error)
{
	static const struct {
		int error;
		const char *why;
	} words[] = {
		{ IPSET_ERR_PROTOCOL, "the kernel speaks another protocol" },
		{ IPSET_ERR_FIND_TYPE, "the kernel has no type " TYPE " with skbinfo" },
		{ IPSET_ERR_MAX_SETS, "there are too many sets" },
		{ IPSET_ERR_BUSY, "it is in use" },
		{ IPSET_ERR_TYPE_MISMATCH, "there is another set of that name" },
		{ IPSET_ERR_INVALID_CIDR, "there is another set of that name" },
		{ IPSET_ERR_SKBINFO, "there is another set of that name, without skbinfo" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].error == error)
			return err_set(e, "ipset `%s': %s", name, words[i].why);
	if (error >= IPSET_ERR_PRIVATE)
		return err_set(e, "ipset `%s': error %d of ip_set", name, error);
	errno = error;
	return err_sys(e, "ipset `%s'", name);
}

int ipset_make(enum family f, struct part *part, struct err *e)
{
	char name[FORM_SET_NAME_MAX];
	int error;

	form_set_name(name, part->op, f);
	error = create(f, name);
	if (error && error != EEXIST)
		return fail(e, name, error);
	part->made = !error;
	error = add(f, name, part->op, 0);
	if (!error)
		error = add(f, name, part->op, 0x80);
	if (!error)
		return 0;
	if (part->made)
		destroy(f, name);
	part->made = false;
	return fail(e, name, error);
}

int ipset_unmake(enum family f, const struct part *part, struct err *e)
{
	char name[FORM_SET_NAME_MAX];
	int error;

	form_set_name(name, part->op, f);
	error = destroy(f, name);
	if (error == IPSET_ERR_BUSY || error == ENOENT)
		return 0;
	return error ? fail(e, name, error) : 1;
}

struct listing {
	enum family family;
	struct parts *parts;
	struct err *err;
};

/* One set: is it ours? */
static int note_set(const struct nlmsghdr *n, void *data)
{
	const struct listing *l = data;
	struct part part = { .kind = PART_IS_SET };
	char name[FORM_SET_NAME_MAX];
	const struct nlattr *a;

	mnl_attr_for_each(a, n, sizeof(struct nfgenmsg)) {
		const char *text = mnl_attr_get_payload(a);
		size_t len = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) != IPSET_ATTR_SETNAME || len < 4 ||
		    !helper_parse(&part.op, text, len - 3))
			continue;
		form_set_name(name, part.op, l->family);
		if (!strncmp(text, name, len) && parts_add(l->parts, part, l->err) < 0)
			return MNL_CB_ERROR;
	}
	return MNL_CB_OK;
}

int ipset_list(enum family f, struct parts *p, struct err *e)
{
	struct listing l = { f, p, e };
	char buffer[1024];
	struct nlmsghdr *n = begin(buffer, IPSET_CMD_LIST, NLM_F_DUMP, f, NULL);
	int error;

	put_number(n, IPSET_ATTR_FLAGS, IPSET_FLAG_LIST_SETNAME);
	error = talk_dump(n, note_set, &l);
	return !error || error == ENOENT ? 0 : fail(e, "zz-mark-*", error);
}
