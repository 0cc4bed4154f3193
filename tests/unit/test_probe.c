/* The netlink question and its answers, and what a program's --version tells. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#include "probe.h"
#include "probe_netlink.h"
#include "real_version.h"

static void the_request_is_what_nft_compat_expects(void **state)
{
	/* nfnetlink header, nfgenmsg, then name, revision 2, type target; all by linux/netfilter */
	static const unsigned char want[] = {
		48, 0, 0, 0, 0, 11, 5, 0, 7, 0, 0, 0, 0, 0, 0, 0,
		10, 0, 0, 0,
		9, 0, 1, 0, 'M', 'A', 'R', 'K', 0, 0, 0, 0,
		8, 0, 2, 0, 0, 0, 0, 2,
		8, 0, 3, 0, 0, 0, 0, 1,
	};
	unsigned char got[PROBE_REQUEST_MAX];

	(void)state;
	assert_int_equal(probe_request(got, FAMILY_IPV6, XT_MARK, 2, 7), sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
	probe_request(got, FAMILY_IPV4, XT_MATCH_MARK, 1, 7);
	assert_int_equal(got[16], 2);
	assert_string_equal(got + 24, "mark");
	assert_int_equal(got[47], 0);
}

/* An NLMSG_ERROR to sequence 7. */
static size_t error_message(unsigned char *buffer, int error)
{
	struct nlmsghdr head = {
		.nlmsg_len = NLMSG_LENGTH(sizeof(struct nlmsgerr)), .nlmsg_type = NLMSG_ERROR,
		.nlmsg_seq = 7,
	};
	struct nlmsgerr e = { .error = error };

	memcpy(buffer, &head, sizeof(head));
	memcpy(buffer + NLMSG_HDRLEN, &e, sizeof(e));
	return head.nlmsg_len;
}

static void replies_are_errno_values(void **state)
{
	unsigned char buffer[128];
	const struct nlmsghdr ok = { .nlmsg_len = 20, .nlmsg_type = 0xb00, .nlmsg_seq = 7 };
	size_t len = error_message(buffer, -ENOENT);

	(void)state;
	assert_int_equal(probe_reply(buffer, len, 7), ENOENT);
	assert_int_equal(probe_reply(buffer, len, 8), EBADMSG);
	assert_int_equal(probe_reply(buffer, len - 1, 7), EBADMSG);
	assert_int_equal(probe_reply(buffer, 3, 7), EBADMSG);
	assert_int_equal(probe_reply(buffer, 0, 7), EBADMSG);
	assert_int_equal(probe_reply(buffer, error_message(buffer, -EPERM), 7), EPERM);
	assert_int_equal(probe_reply(buffer, error_message(buffer, 0), 7), 0);
	assert_int_equal(probe_reply(buffer, error_message(buffer, 5), 7), EBADMSG);
	assert_int_equal(probe_reply(buffer, error_message(buffer, INT32_MIN), 7), EBADMSG);
	memcpy(buffer, &ok, sizeof(ok));
	assert_int_equal(probe_reply(buffer, 20, 7), 0);
	assert_int_equal(probe_reply(buffer, 19, 7), EBADMSG);
}

static void only_enoent_is_a_no(void **state)
{
	(void)state;
	assert_int_equal(probe_answer(0), ANSWER_YES);
	assert_int_equal(probe_answer(ENOENT), ANSWER_NO);
	assert_int_equal(probe_answer(EPROTONOSUPPORT), ANSWER_UNKNOWN);
	assert_int_equal(probe_answer(EPERM), ANSWER_UNKNOWN);
	assert_int_equal(probe_answer(ENOPROTOOPT), ANSWER_UNKNOWN);
	assert_string_equal(probe_errno_name(ENOENT), "ENOENT");
	assert_string_equal(probe_errno_name(0), "ok");
}

static void a_version_names_the_backend(void **state)
{
	static const struct {
		const char *printed;
		enum backend want;
	} rows[] = {
		{ "ip6tables-restore v1.8.9 (nf_tables)\n", BACKEND_NFT },
		{ "iptables v1.8.7 (legacy)\n", BACKEND_LEGACY },
		{ "iptables v1.6.1\n", BACKEND_LEGACY },
		{ "iptables v1.8.9 (other)\n", BACKEND_UNKNOWN },
		{ "nftables v1.0.6 (Lester Gooch #5)\n", BACKEND_UNKNOWN },
		{ "hello\n", BACKEND_UNKNOWN },
		{ "", BACKEND_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(real_version_parse(rows[i].printed), rows[i].want);
	assert_int_equal(real_version_backend("/nonexistent/program", "iptables"), BACKEND_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_request_is_what_nft_compat_expects),
		cmocka_unit_test(replies_are_errno_values),
		cmocka_unit_test(only_enoent_is_a_no),
		cmocka_unit_test(a_version_names_the_backend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
