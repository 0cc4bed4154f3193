/* Names as people write them, and the texts they are put together in. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "kernel.h"
#include "table.h"
#include "text.h"

/* What iptables 1.8 puts into its rules; the match is called as its target is, in small letters. */
static void extensions_are_asked_for_in_the_revision_that_rules_need(void **state)
{
	static const unsigned int revisions[XT_COUNT] = {
		[XT_MARK] = 2, [XT_CONNMARK] = 1, [XT_SET] = 3, [XT_CT] = 2, [XT_TPROXY] = 1,
		[XT_MATCH_MARK] = 1,
	};

	(void)state;
	for (int x = 0; x < XT_COUNT; x++) {
		if (xt_names[x].revision != revisions[x] ||
		    xt_names[x].revision >= xt_names[x].revisions)
			fail_msg("%s revision %u of %u", xt_names[x].name, xt_names[x].revision,
				 xt_names[x].revisions);
		assert_int_equal(xt_names[x].is_match, x == XT_MATCH_MARK);
	}
	assert_string_equal(xt_names[XT_MARK].name, "MARK");
	assert_string_equal(xt_names[XT_MATCH_MARK].name, "mark");
}

static void names_are_those_of_the_configuration_file(void **state)
{
	static const char *const classes[] = {
		"unknown", "healthy", "typo", "nft-only", "maskreject", "no-module"
	};

	(void)state;
	for (int c = 0; c < CLASS_COUNT; c++)
		assert_string_equal(class_name(c), classes[c]);
	assert_string_equal(backend_name(BACKEND_LEGACY), "legacy");
	assert_string_equal(backend_name(BACKEND_NFT), "nft");
	assert_string_equal(backend_name(BACKEND_UNKNOWN), "unknown");
	assert_string_equal(family_name(FAMILY_IPV4), "IPv4");
	assert_string_equal(family_name(FAMILY_IPV6), "IPv6");
}

static void tables_are_known_by_their_names(void **state)
{
	static const char *const names[] = { "nat", "mangle", "filter", "security", "raw" };

	(void)state;
	for (int t = 0; t < TABLE_COUNT; t++) {
		assert_string_equal(table_name(t), names[t]);
		assert_int_equal(table_find(span_of(names[t])), t);
	}
	assert_int_equal(table_find(span_of("unknown")), TABLE_UNKNOWN);
	assert_int_equal(table_find(span_of("NAT")), TABLE_UNKNOWN);
	assert_int_equal(table_find(span_of("natx")), TABLE_UNKNOWN);
	assert_int_equal(table_find(span_of("na")), TABLE_UNKNOWN);
	assert_int_equal(table_find(span_of("")), TABLE_UNKNOWN);
}

/* text.h's promise: a terminator behind whatever was added, at any length. */
static void texts_grow_by_any_step(void **state)
{
	static char piece[700];

	(void)state;
	memset(piece, 'x', sizeof(piece));
	for (size_t step = 0; step < sizeof(piece); step++) {
		struct text t = { 0 };

		text_add(&t, piece, step);
		text_add(&t, piece, 700 - step);
		text_printf(&t, "%.*s", (int)step, piece);
		assert_int_equal(t.len, 700 + step);
		assert_int_equal(strlen(t.at), 700 + step);
		assert_true(t.room > t.len);
		text_release(&t);
		assert_null(t.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extensions_are_asked_for_in_the_revision_that_rules_need),
		cmocka_unit_test(names_are_those_of_the_configuration_file),
		cmocka_unit_test(tables_are_known_by_their_names),
		cmocka_unit_test(texts_grow_by_any_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
