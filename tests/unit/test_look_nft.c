/* A dump of nf_tables that the kernel calls interrupted is no answer; whatever it says is asked again. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "look_nft.h"
#include "netlink.h"

/* What the kernel answers, a dump for each request: of one chain, or of none. */
struct dump {
	const char *chain;
	bool interrupted;
};

static const struct dump *dumps;
static size_t n_dumps, asked;

int __wrap_netlink_open(void);
ssize_t __wrap_send(int fd, const void *request, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t room, int flags);

int __wrap_netlink_open(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

ssize_t __wrap_send(int fd, const void *request, size_t len, int flags)
{
	(void)fd;
	(void)request;
	(void)flags;
	asked++;
	return (ssize_t)len;
}

/* The last of them comes again and again. */
ssize_t __wrap_recv(int fd, void *to, size_t room, int flags)
{
	const struct dump *d = &dumps[asked <= n_dumps ? asked - 1 : n_dumps - 1];
	unsigned char message[NETLINK_REQUEST_MAX];
	size_t at, len = 0;

	(void)fd;
	(void)flags;
	(void)room;
	if (d->chain) {
		at = netlink_begin(message, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN,
				   d->interrupted ? NLM_F_DUMP_INTR : 0, FAMILY_IPV6, 1);
		at = netlink_text(message, at, NFTA_CHAIN_TABLE, span_of("nat"));
		at = netlink_text(message, at, NFTA_CHAIN_NAME, span_of(d->chain));
		len = netlink_end(message, at);
		memcpy(to, message, len);
	}
	at = netlink_begin(message, NLMSG_DONE, d->interrupted ? NLM_F_DUMP_INTR : 0, FAMILY_IPV6, 1);
	memset(message + NLMSG_HDRLEN, 0, at - NLMSG_HDRLEN);	/* no error */
	at = netlink_end(message, at);
	memcpy((char *)to + len, message, at);
	return (ssize_t)(len + at);
}

static enum answer helpers_in(const struct dump *d, size_t n)
{
	dumps = d;
	n_dumps = n;
	asked = 0;
	return look_nft_helpers(FAMILY_IPV6, TABLE_NAT);
}

static void a_whole_dump_is_an_answer(void **state)
{
	const struct dump none[] = { { "other", false } }, one[] = { { "zz-mark-1-1", false } };

	(void)state;
	assert_int_equal(helpers_in(none, 1), ANSWER_NO);
	assert_int_equal(helpers_in(one, 1), ANSWER_YES);
	assert_int_equal(asked, 1);
}

static void an_interrupted_dump_is_asked_again(void **state)
{
	const struct dump then_one[] = { { NULL, true }, { "other", true }, { "zz-mark-1-1", false } };
	const struct dump then_none[] = { { "other", true }, { "other", false } };

	(void)state;
	assert_int_equal(helpers_in(then_one, 3), ANSWER_YES);
	assert_int_equal(asked, 3);
	assert_int_equal(helpers_in(then_none, 2), ANSWER_NO);
	assert_int_equal(asked, 2);
}

static void what_is_seen_in_one_is_there(void **state)
{
	const struct dump one[] = { { "zz-mark-1-1", true } };

	(void)state;
	assert_int_equal(helpers_in(one, 1), ANSWER_YES);
	assert_int_equal(asked, 1);
}

static void one_that_is_always_interrupted_is_unknown(void **state)
{
	const struct dump always[] = { { "other", true } };

	(void)state;
	assert_int_equal(helpers_in(always, 1), ANSWER_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_dump_is_an_answer),
		cmocka_unit_test(an_interrupted_dump_is_asked_again),
		cmocka_unit_test(what_is_seen_in_one_is_there),
		cmocka_unit_test(one_that_is_always_interrupted_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
