/* What the alternatives would choose, from files as dpkg writes them and from damaged ones. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "alternatives.h"

#define HEAD \
	"auto\n/usr/sbin/ip6tables\nip6tables-restore\n/usr/sbin/ip6tables-restore\n" \
	"ip6tables-save\n/usr/sbin/ip6tables-save\n\n"
#define ONE(path, priority) path "\n" priority "\n" path "-restore\n" path "-save\n"

static struct alternatives group;

static int begin(const char *text)
{
	snprintf(group.text, sizeof(group.text), "%s", text);
	group.group = "ip6tables";
	return alternatives_parse(&group);
}

/* All programs of that name, in their order, with a blank behind each. */
static const char *given(const char *text, const char *name)
{
	static char all[sizeof(group.text) * 2];
	const struct alternatives_choice *c = NULL;
	struct span program;
	size_t used = 0;

	*all = '\0';
	if (begin(text) < 0)
		return all;
	while ((c = alternatives_next(&group, c))) {
		program = alternatives_program(&group, c, name);
		if (program.len)
			used += (size_t)snprintf(all + used, sizeof(all) - used, "%.*s ",
						 SPAN_ARG(program));
	}
	return all;
}

static const char *const names[] = { "ip6tables", "ip6tables-restore", "ip6tables-save" };
#define N_NAMES (sizeof(names) / sizeof(names[0]))

static void the_order_is_that_of_priorities(void **state)
{
	(void)state;
	assert_string_equal(given(HEAD ONE("/a", "-5") ONE("/b", "0") ONE("/c", "100") ONE("/d", "20")
				  "\n", "ip6tables"), "/c /d /b /a ");
	assert_string_equal(given(HEAD ONE("/a", "9") ONE("/b", "10") "\n", "ip6tables-restore"),
			    "/b-restore /a-restore ");
	assert_string_equal(given(HEAD ONE("/a", "9") ONE("/b", "10") "\n", "ip6tables-save"),
			    "/b-save /a-save ");
	/* none is passed over for being equal to another */
	assert_string_equal(given(HEAD ONE("/a", "10") ONE("/b", "10") "\n", "ip6tables"),
			    "/a /b ");
}

static void slaves_are_found_by_name_wherever_they_stand(void **state)
{
	static const char text[] =
		"manual\n/usr/sbin/ip6tables\nebtables\n/x\nip6tables-save\n/y\nip6tables-restore\n/z\n"
		"iptables-restore\n/t\n\n"
		"/a\n10\n/a1\n/a2\n/a3\n/a4\n/b\n20\n/b1\n\n/b3\n\n\n";

	(void)state;
	assert_string_equal(given(text, "ip6tables"), "/b /a ");
	assert_string_equal(given(text, "ip6tables-restore"), "/b3 /a3 ");
	/* b has no save program */
	assert_string_equal(given(text, "ip6tables-save"), "/a2 ");
	assert_string_equal(given("auto\n/x\n\n/a\n10\n\n", "ip6tables"), "/a ");
	assert_string_equal(given("auto\n/x\n\n/a\n10\n\n", "ip6tables-restore"), "");
}

static void a_file_may_end_anywhere(void **state)
{
	static const char text[] = HEAD ONE("/a", "10") ONE("/b", "20") "\n";
	char part[sizeof(text)];

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++)
		for (size_t i = 0; i < N_NAMES; i++) {
			const char *all;

			snprintf(part, sizeof(part), "%.*s", (int)len, text);
			all = given(part, names[i]);
			/* nothing is invented: each is in the file, and the group itself is none */
			assert_true(!*all || *all == '/');
			assert_null(strstr(all, "tables"));
			assert_true(strlen(all) <= len);
		}
}

static void numbers_and_lines_may_be_anything(void **state)
{
	static const char *const texts[] = {
		HEAD "/a\nmuch\n/a-restore\n/a-save\n\n", HEAD "/a\n99999999999999999999999\n/r\n/s\n\n",
		HEAD "/a\n-99999999999999999999999\n/r\n/s\n\n", HEAD "\n\n\n\n\n\n", HEAD "/a\n\n\n\n\n",
		"\n\n\n\n", "auto\n\n\n\n", "x", "auto\n/x\na-restore", "auto\n/x\na-restore\n",
	};

	(void)state;
	/* each walk ends, which given() shows by coming back */
	for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
		for (size_t i = 0; i < N_NAMES; i++)
			assert_true(strlen(given(texts[t], names[i])) < 20);
}

/* chkconfig's alternatives: one group for both families, a family of alternatives, a service. */
static void fedoras_file_is_read_too(void **state)
{
	static const char text[] =
		"auto\n/usr/sbin/iptables\nip6tables\n/usr/sbin/ip6tables\nip6tables-restore\n/r\n"
		"ip6tables-save\n/s\niptables-restore\n/4r\n\n"
		"/legacy\n10\n/6l\n/6lr\n/6ls\n/4lr\n"
		"/nft\n@nft@20 iptables\n/6n\n/6nr\n/6ns\n/4nr\n\n";

	(void)state;
	assert_string_equal(given(text, "ip6tables"), "/nft /legacy ");
	group.group = "iptables";
	assert_true(span_is(alternatives_program(&group, alternatives_next(&group, NULL),
						 "ip6tables"), "/6n"));
	assert_true(span_is(alternatives_program(&group, alternatives_find(&group, "/legacy"),
						 "ip6tables-save"), "/6ls"));
	assert_null(alternatives_find(&group, "/6n"));
}

static void more_than_is_read_does_no_harm(void **state)
{
	char text[4096] = "auto\n/x\n";
	size_t used = strlen(text);

	(void)state;
	for (int i = 0; i < 40; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "n%d\n/l%d\n", i, i);
	assert_int_equal(begin(text), -1);
	used = (size_t)snprintf(text, sizeof(text), "auto\n/x\n\n");
	for (int i = 0; i < 40; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "/c%d\n%d\n", i, i);
	assert_int_equal(begin(text), 0);
	assert_int_equal(group.n_choices, ALTERNATIVES_MAX);
}

static const char *lacks(const char *text, const char *path)
{
	static char name[64];
	const struct alternatives_choice *c = begin(text) == 0 ? alternatives_find(&group, path) : NULL;

	snprintf(name, sizeof(name), "%.*s", SPAN_ARG(c ? alternatives_lacks(&group, c) : span_of("-")));
	return name;
}

static void a_follower_that_is_missing_is_named(void **state)
{
	static const char text[] = HEAD "/a\n1\n\n/a-save\n/b\n2\n/b-restore\n\n"
		ONE("/c", "3") "\n";

	(void)state;
	assert_string_equal(lacks(text, "/a"), "ip6tables-restore");
	assert_string_equal(lacks(text, "/b"), "ip6tables-save");
	assert_string_equal(lacks(text, "/c"), "");
	assert_string_equal(lacks(text, "/d"), "-");
	assert_string_equal(lacks(text, ""), "-");
	assert_string_equal(lacks("auto\n/x\n\n/a\n1\n\n", "/a"), "");
	assert_string_equal(lacks("", "/a"), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_is_that_of_priorities),
		cmocka_unit_test(slaves_are_found_by_name_wherever_they_stand),
		cmocka_unit_test(a_file_may_end_anywhere),
		cmocka_unit_test(numbers_and_lines_may_be_anything),
		cmocka_unit_test(fedoras_file_is_read_too),
		cmocka_unit_test(more_than_is_read_does_no_harm),
		cmocka_unit_test(a_follower_that_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
