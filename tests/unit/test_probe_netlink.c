/* The question of nft_compat for every extension, and replies that are none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "probe_netlink.h"
#include "range.h"

/* A message as the kernel takes it apart: "family name revision type". */
static void read_request(char *text, size_t room, const unsigned char *at, size_t len)
{
	const char *name = "?";
	uint32_t value[NFTA_COMPAT_TYPE + 1] = { 0 };
	struct nlattr a;

	for (size_t i = NLMSG_HDRLEN + 4; i < len; i += NLA_ALIGN(a.nla_len)) {
		assert_uint_in_range(len - i, NLA_HDRLEN, len);
		memcpy(&a, at + i, sizeof(a));
		assert_uint_in_range(a.nla_len, NLA_HDRLEN + 1, len - i);
		assert_uint_in_range(a.nla_type, NFTA_COMPAT_NAME, NFTA_COMPAT_TYPE);
		if (a.nla_type == NFTA_COMPAT_NAME) {
			name = (const char *)at + i + NLA_HDRLEN;
			assert_int_equal(strlen(name) + 1, a.nla_len - NLA_HDRLEN);
		} else {
			assert_int_equal(a.nla_len, NLA_HDRLEN + 4);
			memcpy(&value[a.nla_type], at + i + NLA_HDRLEN, 4);
		}
	}
	snprintf(text, room, "%d %s %u %u", at[NLMSG_HDRLEN], name,
		 ntohl(value[NFTA_COMPAT_REV]), ntohl(value[NFTA_COMPAT_TYPE]));
}

static void a_request_asks_for_the_extension_by_name_revision_and_kind(void **state)
{
	unsigned char buffer[NETLINK_REQUEST_MAX];
	char got[128], want[128];

	(void)state;
	for (size_t i = 0; i < (size_t)FAMILY_COUNT * XT_COUNT; i++) {
		enum family f = i / XT_COUNT;
		enum xt x = i % XT_COUNT;
		struct nlmsghdr head;
		size_t len;

		memset(buffer, 0xa5, sizeof(buffer));
		len = probe_request(buffer, f, x, xt_names[x].revision, 0xfeed0000 + (uint32_t)i);
		memcpy(&head, buffer, sizeof(head));
		assert_uint_in_range(len, NLMSG_HDRLEN, NETLINK_REQUEST_MAX);
		assert_int_equal(head.nlmsg_len, len);
		assert_int_equal(head.nlmsg_type, 11 << 8);
		assert_int_equal(head.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
		assert_int_equal(head.nlmsg_seq, 0xfeed0000 + (uint32_t)i);
		read_request(got, sizeof(got), buffer, len);
		snprintf(want, sizeof(want), "%d %s %u %d", f == FAMILY_IPV4 ? AF_INET : AF_INET6,
			 xt_names[x].name, xt_names[x].revision, xt_names[x].is_match ? 0 : 1);
		assert_string_equal(got, want);
	}
}

/* Every reply is to sequence 7; `len` is what recv() would have returned. */
static const struct {
	const char *what;
	uint32_t says_len, sequence;
	uint16_t type;
	int error;
	size_t len;
	int want;
} rows[] = {
	{ "yes",			20, 7, 0xb00, 0,	20, 0 },
	{ "yes with attributes",	48, 7, 0xb00, 0,	48, 0 },
	{ "acknowledged",		36, 7, NLMSG_ERROR, 0,	36, 0 },
	{ "no",				36, 7, NLMSG_ERROR, -ENOENT, 36, ENOENT },
	{ "no, with the request",	84, 7, NLMSG_ERROR, -ENOENT, 84, ENOENT },
	{ "another follows",		36, 7, NLMSG_ERROR, -ENOENT, 72, ENOENT },
	{ "may not ask",		36, 7, NLMSG_ERROR, -EPERM, 36, EPERM },
	{ "last errno value",		36, 7, NLMSG_ERROR, -4095, 36, 4095 },
	{ "below errno values",		36, 7, NLMSG_ERROR, -4096, 36, EBADMSG },
	{ "above zero",			36, 7, NLMSG_ERROR, ENOENT, 36, EBADMSG },
	{ "lowest number",		36, 7, NLMSG_ERROR, INT32_MIN, 36, EBADMSG },
	{ "of another question",	36, 8, NLMSG_ERROR, -ENOENT, 36, EBADMSG },
	{ "a yes to another",		20, 6, 0xb00, 0,	20, EBADMSG },
	{ "of another subsystem",	20, 7, 0xa00, 0,	20, EBADMSG },
	{ "of another message",		20, 7, 0xb01, 0,	20, EBADMSG },
	{ "done",			20, 7, NLMSG_DONE, 0,	20, EBADMSG },
	{ "nothing",			36, 7, NLMSG_ERROR, -ENOENT, 0, EBADMSG },
	{ "half a header",		36, 7, NLMSG_ERROR, -ENOENT, 15, EBADMSG },
	{ "header alone",		36, 7, NLMSG_ERROR, -ENOENT, 16, EBADMSG },
	{ "one byte cut",		36, 7, NLMSG_ERROR, -ENOENT, 35, EBADMSG },
	{ "yes, one byte cut",		20, 7, 0xb00, 0,	19, EBADMSG },
	{ "error without the header",	20, 7, NLMSG_ERROR, -ENOENT, 20, EBADMSG },
	{ "says less than a header",	15, 7, 0xb00, 0,	20, EBADMSG },
	{ "says no length",		0, 7, 0xb00, 0,		20, EBADMSG },
	{ "says all the world",		UINT32_MAX, 7, 0xb00, 0, 20, EBADMSG },
};

static void a_reply_is_an_answer_to_our_question_or_none(void **state)
{
	char got[64], want[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nlmsghdr head = {
			.nlmsg_len = rows[i].says_len, .nlmsg_type = rows[i].type,
			.nlmsg_seq = rows[i].sequence,
		};
		unsigned char whole[128] = { 0 };
		/* no byte more than was received, so that a sanitizer sees what is read beyond */
		unsigned char *part = malloc(rows[i].len);

		assert_true(part || !rows[i].len);
		memcpy(whole, &head, sizeof(head));
		memcpy(whole + NLMSG_HDRLEN, &rows[i].error, sizeof(rows[i].error));
		if (rows[i].len)
			memcpy(part, whole, rows[i].len);
		snprintf(got, sizeof(got), "%s: %d", rows[i].what,
			 probe_reply(part, rows[i].len, 7));
		free(part);
		snprintf(want, sizeof(want), "%s: %d", rows[i].what, rows[i].want);
		assert_string_equal(got, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_asks_for_the_extension_by_name_revision_and_kind),
		cmocka_unit_test(a_reply_is_an_answer_to_our_question_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
