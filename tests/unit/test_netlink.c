/* Datagrams of netlink: whole, several messages, cut off, damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"

static size_t request(unsigned char *buffer)
{
	size_t at = netlink_begin(buffer, 0x0a03, NLM_F_ACK, FAMILY_IPV6, 7);

	at = netlink_text(buffer, at, 1, span_of("nat"));
	at = netlink_text(buffer, at, 3, span_of("zz-mark-1-1"));
	at = netlink_number(buffer, at, 5, 0x01020304);
	return netlink_end(buffer, at);
}

static void what_is_put_in_comes_out(void **state)
{
	unsigned char buffer[NETLINK_REQUEST_MAX];
	struct span datagram = { (char *)buffer, request(buffer) };
	struct netlink_message m;

	(void)state;
	assert_int_equal(datagram.len % 4, 0);
	assert_true(netlink_next(&m, &datagram));
	assert_int_equal(m.type, 0x0a03);
	assert_int_equal(m.sequence, 7);
	assert_int_equal(m.error, 0);
	assert_true(span_same(netlink_attribute(m.attributes, 1), (struct span){ "nat", 4 }));
	assert_true(span_same(netlink_attribute(m.attributes, 3),
			      (struct span){ "zz-mark-1-1", 12 }));
	assert_memory_equal(netlink_attribute(m.attributes, 5).at, "\1\2\3\4", 4);
	assert_int_equal(netlink_attribute(m.attributes, 2).len, 0);
	assert_false(netlink_next(&m, &datagram));
}

static void put_end(char *at, uint16_t type, int32_t error, size_t len)
{
	struct nlmsghdr head = { .nlmsg_type = type, .nlmsg_len = (uint32_t)len };

	memset(at, 0, len);
	memcpy(at, &head, sizeof(head));
	memcpy(at + NLMSG_HDRLEN, &error, sizeof(error));
}

static void ends_and_errors_are_told(void **state)
{
	char buffer[256];
	struct span datagram = { buffer, 20 + 36 + 36 };
	struct netlink_message m;

	(void)state;
	put_end(buffer, NLMSG_DONE, 0, 20);
	put_end(buffer + 20, NLMSG_ERROR, -ENOENT, 36);
	put_end(buffer + 56, NLMSG_ERROR, 5, 36);
	assert_true(netlink_next(&m, &datagram));
	assert_int_equal(m.type, NLMSG_DONE);
	assert_true(netlink_next(&m, &datagram));
	assert_int_equal(m.type, NLMSG_ERROR);
	assert_int_equal(m.error, ENOENT);
	/* a positive one is no errno */
	assert_false(netlink_next(&m, &datagram));
	put_end(buffer, NLMSG_ERROR, 0, 20);
	datagram = (struct span){ buffer, 20 };
	assert_false(netlink_next(&m, &datagram));
}

/* Nothing is read beyond the end, which the sanitizer sees to. */
static void damage_does_no_harm(void **state)
{
	unsigned char buffer[NETLINK_REQUEST_MAX];
	size_t len = request(buffer);
	uint32_t random = 4711;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t cut = (random >> 3) % (len + 1);
		char *copy = malloc(cut + 1);
		struct span datagram = { copy, cut };
		struct netlink_message m;

		memcpy(copy, buffer, cut);
		for (int i = 0; i < 3 && cut; i++) {
			random = random * 1664525 + 1013904223;
			copy[random / 65536 % cut] = (char)(random >> 8);
		}
		while (netlink_next(&m, &datagram))
			for (uint16_t type = 0; type < 6; type++)
				assert_true(netlink_attribute(m.attributes, type).len <= cut);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_comes_out),
		cmocka_unit_test(ends_and_errors_are_told),
		cmocka_unit_test(damage_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
