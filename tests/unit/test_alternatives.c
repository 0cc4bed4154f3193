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

static struct alternatives_walk walk;

static void begin(const char *text)
{
	snprintf(walk.text, sizeof(walk.text), "%s", text);
	walk.priority = LONG_MAX;
	walk.position = -1;
}

/* All that are given, in their order, with a blank behind each. */
static const char *given(const char *text, enum applet_kind kind)
{
	static char all[sizeof(walk.text) * 2];
	char path[PATH_MAX];
	size_t used = 0;

	begin(text);
	*all = '\0';
	while (alternatives_best(&walk, path, kind))
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s ", path);
	return all;
}

static void the_order_is_that_of_priorities(void **state)
{
	(void)state;
	assert_string_equal(given(HEAD ONE("/a", "-5") ONE("/b", "0") ONE("/c", "100") ONE("/d", "20")
				  "\n", APPLET_COMMAND), "/c /d /b /a ");
	assert_string_equal(given(HEAD ONE("/a", "9") ONE("/b", "10") "\n", APPLET_RESTORE),
			    "/b-restore /a-restore ");
	assert_string_equal(given(HEAD ONE("/a", "9") ONE("/b", "10") "\n", APPLET_SAVE),
			    "/b-save /a-save ");
	/* none is passed over for being equal to another */
	assert_string_equal(given(HEAD ONE("/a", "10") ONE("/b", "10") "\n", APPLET_COMMAND),
			    "/a /b ");
}

static void slaves_are_found_by_name_wherever_they_stand(void **state)
{
	static const char text[] =
		"manual\n/usr/sbin/iptables\nebtables\n/x\niptables-save\n/y\niptables-restore\n/z\n"
		"iptables-translate\n/t\n\n"
		"/a\n10\n/a1\n/a2\n/a3\n/a4\n/b\n20\n/b1\n\n/b3\n\n\n";

	(void)state;
	assert_string_equal(given(text, APPLET_COMMAND), "/b /a ");
	assert_string_equal(given(text, APPLET_RESTORE), "/b3 /a3 ");
	/* b has no save program */
	assert_string_equal(given(text, APPLET_SAVE), "/a2 ");
	assert_string_equal(given("auto\n/x\n\n/a\n10\n\n", APPLET_COMMAND), "/a ");
	assert_string_equal(given("auto\n/x\n\n/a\n10\n\n", APPLET_RESTORE), "");
}

static void a_file_may_end_anywhere(void **state)
{
	static const char text[] = HEAD ONE("/a", "10") ONE("/b", "20") "\n";
	char part[sizeof(text)];

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++)
		for (enum applet_kind kind = APPLET_COMMAND; kind < APPLET_KINDS; kind++) {
			const char *all;

			snprintf(part, sizeof(part), "%.*s", (int)len, text);
			all = given(part, kind);
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
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (enum applet_kind kind = APPLET_COMMAND; kind < APPLET_KINDS; kind++)
			assert_true(strlen(given(texts[i], kind)) < 20);
}

static void a_path_that_is_too_long_is_cut_and_stays_in_its_place(void **state)
{
	static char text[sizeof(walk.text)];
	char path[PATH_MAX];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s/", HEAD);

	(void)state;
	memset(text + used, 'x', PATH_MAX + 100);
	used += PATH_MAX + 100;
	snprintf(text + used, sizeof(text) - used, "\n10\n/r\n/s\n%s\n", ONE("/b", "5"));
	begin(text);
	assert_true(alternatives_best(&walk, path, APPLET_COMMAND));
	assert_int_equal(strlen(path), PATH_MAX - 1);
	assert_true(alternatives_best(&walk, path, APPLET_COMMAND));
	assert_string_equal(path, "/b");
	assert_false(alternatives_best(&walk, path, APPLET_COMMAND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_is_that_of_priorities),
		cmocka_unit_test(slaves_are_found_by_name_wherever_they_stand),
		cmocka_unit_test(a_file_may_end_anywhere),
		cmocka_unit_test(numbers_and_lines_may_be_anything),
		cmocka_unit_test(a_path_that_is_too_long_is_cut_and_stays_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
