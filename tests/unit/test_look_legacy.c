/* The walk over the entries of a legacy table, whole, cut off and damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "look_legacy.h"
#include "text.h"

static void put_u16(char *at, size_t offset, size_t value)
{
	uint16_t v = (uint16_t)value;

	memcpy(at + offset, &v, sizeof(v));
}

/* One entry: a chain's head with its name, or (NULL) a rule with a verdict. */
static void put(struct text *to, enum family f, const char *chain)
{
	const bool v6 = f == FAMILY_IPV6;
	const size_t entry = v6 ? sizeof(struct ip6t_entry) : sizeof(struct ipt_entry);
	const size_t target = sizeof(struct xt_entry_target) + 32;
	char bytes[512] = { 0 };

	put_u16(bytes, v6 ? offsetof(struct ip6t_entry, target_offset)
		: offsetof(struct ipt_entry, target_offset), entry);
	put_u16(bytes, v6 ? offsetof(struct ip6t_entry, next_offset)
		: offsetof(struct ipt_entry, next_offset), entry + target);
	if (chain) {
		strcpy(bytes + entry + offsetof(struct xt_entry_target, u.user.name), "ERROR");
		strcpy(bytes + entry + sizeof(struct xt_entry_target), chain);
	}
	text_add(to, bytes, entry + target);
}

static bool see(void *seen, const char *chain, bool has_rules)
{
	text_printf(seen, "%s%s ", chain, has_rules ? "+" : "");
	return false;
}

static bool see_first(void *seen, const char *chain, bool has_rules)
{
	see(seen, chain, has_rules);
	return true;
}

/* A built-in chain with a rule, then T (empty), U (two rules), and the table's end. */
static struct text table(enum family f)
{
	static const char *const entries[] = { NULL, NULL, "T", NULL, "U", NULL, NULL, NULL, "ERROR" };
	struct text t = { 0 };

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		put(&t, f, entries[i]);
	return t;
}

static void chains_are_seen_with_their_rules(void **state)
{
	(void)state;
	for (enum family f = 0; f < FAMILY_COUNT; f++) {
		OWN_TEXT struct text t = table(f), seen = { 0 }, first = { 0 };

		assert_true(look_legacy_walk(f, t.at, t.len, see, &seen));
		assert_string_equal(seen.at, "T U+ ");
		assert_true(look_legacy_walk(f, t.at, t.len, see_first, &first));
		assert_string_equal(first.at, "T ");
		assert_true(look_legacy_walk(f, "", 0, see, &seen));
	}
}

/* Nothing is read beyond the end, which the sanitizer sees to. */
static void what_is_cut_off_or_damaged_is_not_believed(void **state)
{
	uint32_t random = 4711;

	(void)state;
	for (enum family f = 0; f < FAMILY_COUNT; f++) {
		OWN_TEXT struct text t = table(f), seen = { 0 };

		for (size_t len = 1; len < t.len; len++) {
			char *copy = malloc(len);

			memcpy(copy, t.at, len);
			if (!look_legacy_walk(f, copy, len, see, &seen))
				text_puts(&seen, "no ");
			for (int i = 0; i < 8; i++) {
				random = random * 1664525 + 1013904223;
				copy[random / 65536 % len] = (char)(random >> 8);
			}
			look_legacy_walk(f, copy, len, see, &seen);
			free(copy);
		}
		assert_non_null(strstr(seen.at, "no "));
		assert_false(look_legacy_walk(f, t.at, t.len - 1, see, &seen));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains_are_seen_with_their_rules),
		cmocka_unit_test(what_is_cut_off_or_damaged_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
