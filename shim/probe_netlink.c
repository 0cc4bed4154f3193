#include "probe_netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

static size_t put_attribute(unsigned char *buffer, size_t at, uint16_t type, const void *data,
			    size_t len)
{
	struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };

	memcpy(buffer + at, &a, sizeof(a));
	memcpy(buffer + at + NLA_HDRLEN, data, len);
	return at + NLA_ALIGN(a.nla_len);
}

size_t probe_request(unsigned char buffer[static PROBE_REQUEST_MAX], enum family f, enum xt x,
		     uint8_t revision, uint32_t sequence)
{
	const char *name = xt_names[x].name;
	uint32_t rev = htonl(revision), type = htonl(xt_names[x].is_match ? 0 : 1);
	struct nfgenmsg gen = { .nfgen_family = f == FAMILY_IPV4 ? AF_INET : AF_INET6 };
	struct nlmsghdr head = {
		.nlmsg_type = NFNL_SUBSYS_NFT_COMPAT << 8 | NFNL_MSG_COMPAT_GET,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		.nlmsg_seq = sequence,
	};
	size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(gen));

	memset(buffer, 0, PROBE_REQUEST_MAX);
	memcpy(buffer + NLMSG_HDRLEN, &gen, sizeof(gen));
	at = put_attribute(buffer, at, NFTA_COMPAT_NAME, name, strlen(name) + 1);
	at = put_attribute(buffer, at, NFTA_COMPAT_REV, &rev, sizeof(rev));
	at = put_attribute(buffer, at, NFTA_COMPAT_TYPE, &type, sizeof(type));
	head.nlmsg_len = (uint32_t)at;
	memcpy(buffer, &head, sizeof(head));
	return at;
}

int probe_reply(const void *buffer, size_t len, uint32_t sequence)
{
	const uint16_t reply = NFNL_SUBSYS_NFT_COMPAT << 8 | NFNL_MSG_COMPAT_GET;
	struct nlmsghdr head;
	struct nlmsgerr error;

	if (len < sizeof(head))
		return EBADMSG;
	memcpy(&head, buffer, sizeof(head));
	if (head.nlmsg_seq != sequence || head.nlmsg_len < sizeof(head) || head.nlmsg_len > len)
		return EBADMSG;
	if (head.nlmsg_type == reply)
		return 0;
	if (head.nlmsg_type != NLMSG_ERROR || head.nlmsg_len < NLMSG_HDRLEN + sizeof(error))
		return EBADMSG;
	memcpy(&error, (const unsigned char *)buffer + NLMSG_HDRLEN, sizeof(error));
	/* errno values are negative here; a zero is an acknowledgement */
	return error.error <= 0 && error.error > -4096 ? -error.error : EBADMSG;
}
