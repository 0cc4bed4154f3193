/* probe_netlink.h - the question of nft_compat, as bytes.  No socket is touched here. */
#ifndef PROBE_NETLINK_H
#define PROBE_NETLINK_H

#include <stddef.h>
#include <stdint.h>

#include "kernel.h"
#include "netlink.h"

/*
 * Writes NFNL_MSG_COMPAT_GET for an extension (nfnl_compat_get_rcu() in the
 * kernel's nft_compat.c), with an acknowledgement asked for.  Returns its length.
 */
size_t probe_request(unsigned char buffer[static NETLINK_REQUEST_MAX], enum family f, enum xt x,
		     uint8_t revision, uint32_t sequence);

/*
 * Reads what the kernel sent back to that request: 0 if it has the extension, a
 * positive errno value if it says so, EBADMSG if it is no answer to `sequence`.
 */
int probe_reply(const void *buffer, size_t len, uint32_t sequence);

#endif
