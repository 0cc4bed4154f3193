/* netlink.h - messages to and from nfnetlink, as bytes, and a socket for them. */
#ifndef NETLINK_H
#define NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel.h"
#include "span.h"

#define NETLINK_REQUEST_MAX 192		/* bytes; two names of tables or chains fit */

/*
 * A request is begun, gets attributes, and is ended; `at` is its length so far.
 *
 * type		subsystem << 8 | message, as in linux/netfilter/nfnetlink.h
 * flags	beside NLM_F_REQUEST
 */
size_t netlink_begin(unsigned char buffer[static NETLINK_REQUEST_MAX], uint16_t type,
		     uint16_t flags, enum family f, uint32_t sequence);
size_t netlink_text(unsigned char *buffer, size_t at, uint16_t attribute, struct span text);
size_t netlink_number(unsigned char *buffer, size_t at, uint16_t attribute, uint32_t number);
size_t netlink_end(unsigned char *buffer, size_t at);

/* One message that came. */
struct netlink_message {
	uint16_t type;
	uint32_t sequence;
	bool interrupted;		/* NLM_F_DUMP_INTR: what is dumped changed meanwhile */
	int error;			/* positive errno of NLMSG_ERROR and NLMSG_DONE, or 0 */
	struct span attributes;		/* of any other message of nfnetlink */
};

/* Takes the next message off a datagram.  Returns false at its end, or where it makes no sense. */
bool netlink_next(struct netlink_message *m, struct span *datagram);

/* What an attribute holds; empty if there is none of that type. */
struct span netlink_attribute(struct span attributes, uint16_t type);

/* A socket to the kernel, where a call waits for five seconds at most; -1 with errno set. */
int netlink_open(void);

#endif
