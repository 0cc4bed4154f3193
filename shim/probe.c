#include "probe.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "modprobe.h"
#include "netlink.h"
#include "probe_netlink.h"

void probe_begin(struct probe *p, enum backend backend, int load)
{
	*p = (struct probe){ .backend = backend, .fd = { -1, -1 }, .load = load };
}

void probe_end(struct probe *p)
{
	for (int f = 0; f < FAMILY_COUNT; f++)
		if (p->fd[f] >= 0)
			close(p->fd[f]);
}

/*
 * x_tables.h, ip_tables.h and ip6_tables.h of the kernel's uapi, whose headers
 * can't be had together with netinet/in.h.
 */
struct revision_query {
	char name[29];
	uint8_t revision;
};

static const struct {
	int domain, level, match, target;	/* the last two: *_SO_GET_REVISION_* */
	const char *module;
} legacy[FAMILY_COUNT] = {
	[FAMILY_IPV4] = { AF_INET, IPPROTO_IP, 66, 67, "ip_tables" },
	[FAMILY_IPV6] = { AF_INET6, IPPROTO_IPV6, 68, 69, "ip6_tables" },
};

static int ask_legacy_once(struct probe *p, enum family f, enum xt x, uint8_t revision)
{
	struct revision_query q = { .revision = revision };
	socklen_t len = sizeof(q);
	int option = xt_names[x].is_match ? legacy[f].match : legacy[f].target;

	if (p->fd[f] < 0)
		p->fd[f] = socket(legacy[f].domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (p->fd[f] < 0)
		return errno;
	memcpy(q.name, xt_names[x].name, strlen(xt_names[x].name));
	return getsockopt(p->fd[f], legacy[f].level, option, &q, &len) < 0 ? errno : 0;
}

static int ask_legacy(struct probe *p, enum family f, enum xt x, uint8_t revision)
{
	int error = ask_legacy_once(p, f, x, revision);

	if (error != ENOPROTOOPT || !p->load)
		return error;
	modprobe(legacy[f].module);
	return ask_legacy_once(p, f, x, revision);
}

static int ask_nft(struct probe *p, enum family f, enum xt x, uint8_t revision)
{
	unsigned char request[NETLINK_REQUEST_MAX], reply[4096];
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t len = probe_request(request, f, x, revision, ++p->sequence);
	int error;

	if (p->fd[0] < 0)
		p->fd[0] = netlink_open();
	if (p->fd[0] < 0)
		return errno;
	if (sendto(p->fd[0], request, len, MSG_NOSIGNAL, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return errno;
	do {
		ssize_t n = recv(p->fd[0], reply, sizeof(reply), 0);

		if (n < 0 && errno != EINTR)
			return errno;
		/* an answer's acknowledgement comes after it, and is passed over by the next call */
		error = n < 0 ? EBADMSG : probe_reply(reply, (size_t)n, p->sequence);
	} while (error == EBADMSG);
	return error;
}

int probe_ask(struct probe *p, enum family f, enum xt x, uint8_t revision)
{
	return p->backend == BACKEND_LEGACY ? ask_legacy(p, f, x, revision)
		: ask_nft(p, f, x, revision);
}

enum answer probe_answer(int error)
{
	return error == 0 ? ANSWER_YES : error == ENOENT ? ANSWER_NO : ANSWER_UNKNOWN;
}

int probe_mark(struct probe *p, struct kernel *k, enum family f)
{
	int error = probe_ask(p, f, XT_MARK, xt_names[XT_MARK].revision);

	k->has[f][XT_MARK] = probe_answer(error);
	return error;
}

void probe_rest(struct probe *p, struct kernel *k)
{
	/* the class wants the targets, the forms what they are made of; the match is MARK's module */
	static const enum xt asked[] = { XT_MARK, XT_CONNMARK, XT_MATCH_MARK };

	for (int f = 0; f < FAMILY_COUNT; f++)
		for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
			enum xt x = asked[i];

			if (k->has[f][x] == ANSWER_UNKNOWN)
				k->has[f][x] = probe_answer(probe_ask(p, f, x,
								      xt_names[x].revision));
		}
}

/* strerrorname_np() is in glibc since 2.32 only, and in no other libc. */
static const struct {
	int error;
	const char *name;
} names[] = {
	{ 0, "ok" },
	{ ENOENT, "ENOENT" },
	{ EPROTONOSUPPORT, "EPROTONOSUPPORT" },
	{ EPERM, "EPERM" },
	{ EACCES, "EACCES" },
	{ ENOPROTOOPT, "ENOPROTOOPT" },
	{ EOPNOTSUPP, "EOPNOTSUPP" },
	{ EAFNOSUPPORT, "EAFNOSUPPORT" },
	{ EINVAL, "EINVAL" },
	{ ENOSYS, "ENOSYS" },
	{ EAGAIN, "EAGAIN" },
	{ ENOMEM, "ENOMEM" },
	{ ENOBUFS, "ENOBUFS" },
	{ EMFILE, "EMFILE" },
	{ ENFILE, "ENFILE" },
	{ ECONNREFUSED, "ECONNREFUSED" },
};

const char *probe_errno_name(int error)
{
	static char number[24];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			return names[i].name;
	snprintf(number, sizeof(number), "errno %d", error);
	return number;
}
