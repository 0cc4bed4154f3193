#include "probe_netlink.h"

#include <errno.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#define COMPAT_GET (NFNL_SUBSYS_NFT_COMPAT << 8 | NFNL_MSG_COMPAT_GET)

size_t probe_request(unsigned char buffer[static NETLINK_REQUEST_MAX], enum family f, enum xt x,
		     uint8_t revision, uint32_t sequence)
{
	size_t at = netlink_begin(buffer, COMPAT_GET, NLM_F_ACK, f, sequence);

	at = netlink_text(buffer, at, NFTA_COMPAT_NAME, span_of(xt_names[x].name));
	at = netlink_number(buffer, at, NFTA_COMPAT_REV, revision);
	at = netlink_number(buffer, at, NFTA_COMPAT_TYPE, xt_names[x].is_match ? 0 : 1);
	return netlink_end(buffer, at);
}

int probe_reply(const void *buffer, size_t len, uint32_t sequence)
{
	struct span datagram = { buffer, len };
	struct netlink_message m;

	if (!netlink_next(&m, &datagram) || m.sequence != sequence)
		return EBADMSG;
	if (m.type == NLMSG_ERROR)
		return m.error;
	return m.type == COMPAT_GET ? 0 : EBADMSG;
}
