/*
 * The answers of nfnetlink: the reader stays inside of what came, ends, and says yes only
 * where there is something to say yes to.  Input: which question, the family, then the datagrams
 * that come, each with two bytes of length before it.  They take the place of the kernel's at
 * recv(); what is behind them in the caller's buffer is poisoned meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <sanitizer/asan_interface.h>
#include <sys/types.h>
#include <unistd.h>

#include "fuzz.h"
#include "look_nft.h"
#include "netlink.h"
#include "probe_netlink.h"

/* What is left to come, and where the last that came lies. */
static struct span answers;
static struct span buffer;

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
	(void)flags;
	fuzz_must(len <= NETLINK_REQUEST_MAX && ((const unsigned char *)request)[0] == len,
		  "a request with its length");
	return (ssize_t)len;
}

/* Nothing more comes: as when the time is up. */
ssize_t __wrap_recv(int fd, void *to, size_t room, int flags)
{
	size_t len = fuzz_byte(&answers);

	(void)fd;
	(void)flags;
	len |= (size_t)fuzz_byte(&answers) << 8;
	len = len < answers.len ? len : answers.len;
	fuzz_must(room >= len, "room for an answer");
	if (!answers.len) {
		errno = EAGAIN;
		return -1;
	}
	ASAN_UNPOISON_MEMORY_REGION(to, room);
	memcpy(to, answers.at, len);
	ASAN_POISON_MEMORY_REGION((char *)to + len, room - len);
	answers = span_from(answers, len);
	buffer = (struct span){ to, room };
	return (ssize_t)len;
}

static bool is_inside(struct span part, struct span whole)
{
	return part.at >= whole.at && part.at + part.len <= whole.at + whole.len;
}

/* The parts of one datagram are inside of it, and it comes to an end. */
static void walk(struct span datagram)
{
	const struct span whole = datagram;
	size_t left = datagram.len;
	struct netlink_message m;

	for (; netlink_next(&m, &datagram); left = datagram.len) {
		fuzz_must(datagram.len < left, "each message takes something off");
		fuzz_must(m.error >= 0 && m.error < 4096, "a number of errno");
		fuzz_must(!m.attributes.len || is_inside(m.attributes, whole), "attributes inside");
		for (uint16_t type = 0; type < 16; type++) {
			struct span a = netlink_attribute(m.attributes, type);

			fuzz_must(!a.len || is_inside(a, m.attributes), "an attribute inside");
		}
	}
}

static enum answer ask(unsigned char question, enum family f)
{
	size_t n = 0;

	switch (question % 6) {
	case 0:
		return look_nft_table(f, TABLE_NAT);
	case 1:
		return look_nft_chain(f, TABLE_NAT, "zz-mark-4000-4000");
	case 2:
		return look_nft_rules(f, TABLE_MANGLE, "zz-mark-4000-4000");
	case 3:
		return look_nft_counters(f, TABLE_MANGLE, "zz-mark-4000-4000");
	case 4:
		return look_nft_helpers(f, question & 64 ? TABLE_FILTER : TABLE_UNKNOWN);
	default:
		return look_nft_count(f, TABLE_FILTER, &n) == 0 ? ANSWER_NO : ANSWER_UNKNOWN;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = { (const char *)data, size };
	unsigned char question = fuzz_byte(&input);
	enum family family = fuzz_byte(&input) % FAMILY_COUNT;
	int error = probe_reply(input.at, input.len, 1);
	enum answer a;

	fuzz_must(error >= 0, "no negative errno");
	walk(input);
	answers = input;
	a = ask(question, family);
	if (buffer.len)
		ASAN_UNPOISON_MEMORY_REGION(buffer.at, buffer.len);
	fuzz_must(a == ANSWER_UNKNOWN || input.len >= 2 + 16, "no answer without a message");
	return 0;
}
