#include "netlink.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* of a message with attributes */
#define HEAD (NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg)))

size_t netlink_begin(unsigned char buffer[static NETLINK_REQUEST_MAX], uint16_t type,
		     uint16_t flags, enum family f, uint32_t sequence)
{
	struct nfgenmsg gen = { .nfgen_family = f == FAMILY_IPV4 ? AF_INET : AF_INET6 };
	struct nlmsghdr head = {
		.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = sequence,
	};

	memset(buffer, 0, NETLINK_REQUEST_MAX);
	memcpy(buffer, &head, sizeof(head));
	memcpy(buffer + NLMSG_HDRLEN, &gen, sizeof(gen));
	return HEAD;
}

static size_t put(unsigned char *buffer, size_t at, uint16_t type, const void *data, size_t len,
		  size_t room)
{
	struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + room), .nla_type = type };

	memcpy(buffer + at, &a, sizeof(a));
	memcpy(buffer + at + NLA_HDRLEN, data, len);
	return at + NLA_ALIGN(a.nla_len);
}

/* The buffer is zeroed, so the terminator is there. */
size_t netlink_text(unsigned char *buffer, size_t at, uint16_t attribute, struct span text)
{
	return put(buffer, at, attribute, text.at, text.len, text.len + 1);
}

size_t netlink_number(unsigned char *buffer, size_t at, uint16_t attribute, uint32_t number)
{
	uint32_t n = htonl(number);

	return put(buffer, at, attribute, &n, sizeof(n), sizeof(n));
}

size_t netlink_end(unsigned char *buffer, size_t at)
{
	uint32_t len = (uint32_t)at;

	memcpy(buffer + offsetof(struct nlmsghdr, nlmsg_len), &len, sizeof(len));
	return at;
}

/* errno values are negative here; a zero is an acknowledgement. */
static bool read_error(struct netlink_message *m, struct span payload)
{
	int32_t error = 0;

	if (m->type == NLMSG_ERROR && payload.len < sizeof(struct nlmsgerr))
		return false;
	if (payload.len >= sizeof(error))
		memcpy(&error, payload.at, sizeof(error));
	if (error > 0 || error < -4095)
		return false;
	m->error = -error;
	return true;
}

bool netlink_next(struct netlink_message *m, struct span *datagram)
{
	struct nlmsghdr head;
	struct span message;

	if (datagram->len < sizeof(head))
		return false;
	memcpy(&head, datagram->at, sizeof(head));
	if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > datagram->len)
		return false;
	message = (struct span){ datagram->at, head.nlmsg_len };
	*datagram = span_from(*datagram, NLMSG_ALIGN(head.nlmsg_len) < datagram->len
			      ? NLMSG_ALIGN(head.nlmsg_len) : datagram->len);
	*m = (struct netlink_message){
		.type = head.nlmsg_type, .sequence = head.nlmsg_seq,
		.interrupted = head.nlmsg_flags & NLM_F_DUMP_INTR,
	};
	if (m->type == NLMSG_ERROR || m->type == NLMSG_DONE)
		return read_error(m, span_from(message, NLMSG_HDRLEN));
	if (message.len >= HEAD)
		m->attributes = span_from(message, HEAD);
	return true;
}

struct span netlink_attribute(struct span attributes, uint16_t type)
{
	struct nlattr a;

	while (attributes.len >= sizeof(a)) {
		memcpy(&a, attributes.at, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > attributes.len)
			break;
		if ((a.nla_type & NLA_TYPE_MASK) == type)
			return (struct span){ attributes.at + NLA_HDRLEN,
					      (size_t)a.nla_len - NLA_HDRLEN };
		if ((size_t)NLA_ALIGN(a.nla_len) >= attributes.len)
			break;
		attributes = span_from(attributes, NLA_ALIGN(a.nla_len));
	}
	return (struct span){ "", 0 };
}

int netlink_open(void)
{
	/* the kernel answers before send() returns; the limit is for sandboxes that don't */
	struct timeval limit = { .tv_sec = 5 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}
