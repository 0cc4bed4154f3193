#include "talk.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

struct mnl_socket *talk_open(void)
{
	struct timeval limit = { .tv_sec = 5 };
	struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);

	if (!s)
		return NULL;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(s);
		return NULL;
	}
	setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return s;
}

/* Returns -1 to read on, else the errno value that ends it. */
static int read_acks(const char *buffer, ssize_t len, uint32_t last)
{
	const struct nlmsghdr *n = (const struct nlmsghdr *)buffer;
	int left = (int)len;

	for (; mnl_nlmsg_ok(n, left); n = mnl_nlmsg_next(n, &left)) {
		const struct nlmsgerr *ack = mnl_nlmsg_get_payload(n);

		if (n->nlmsg_type != NLMSG_ERROR || mnl_nlmsg_get_payload_len(n) < sizeof(*ack))
			continue;
		if (ack->error || n->nlmsg_seq == last)
			return -ack->error;
	}
	return -1;
}

int talk_ack(struct mnl_socket *s, uint32_t last)
{
	char buffer[8192];
	int error = -1;

	while (error < 0) {
		ssize_t n = mnl_socket_recvfrom(s, buffer, sizeof(buffer));

		if (n < 0 && errno != EINTR)
			return errno;
		if (n >= 0)
			error = read_acks(buffer, n, last);
	}
	return error;
}

int talk_dump(struct nlmsghdr *request, mnl_cb_t each, void *data)
{
	struct mnl_socket *s = talk_open();
	char buffer[65536];
	int more = 1, error = 0;

	if (!s)
		return errno;
	if (mnl_socket_sendto(s, request, request->nlmsg_len) < 0)
		more = -1;
	while (more > 0) {
		ssize_t n = mnl_socket_recvfrom(s, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		more = n < 0 ? -1 : mnl_cb_run(buffer, (size_t)n, request->nlmsg_seq,
					       mnl_socket_get_portid(s), each, data);
	}
	if (more < 0)
		error = errno;
	mnl_socket_close(s);
	return error;
}
