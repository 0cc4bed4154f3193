/* The unified diff: what patch(1) makes of it is the rewritten ruleset. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff.h"
#include "ruleset.h"

static struct text diff_of(struct span rules, const char *name, bool colour)
{
	const struct kernel kernel = kernel_of_class(CLASS_TYPO);
	const struct form_order order = form_order_default();
	const struct rewrite_job job = {
		.rules = rules, .family = FAMILY_IPV6, .kernel = &kernel, .order = &order,
	};
	const struct diff_style style = { .colour = colour };
	struct text t = { 0 };
	struct err e;

	text_add(&t, "", 0);
	assert_int_equal(diff_rewrite(&t, &job, name, style, &e), 0);
	return t;
}

static void a_small_diff_is_what_diff_u_prints(void **state)
{
	struct text t = diff_of(span_of("*nat\n:T -\n#\n#\n-A T -j MARK --and-mark 0xff\nCOMMIT"),
				"/etc/my rules", false);

	(void)state;
	assert_string_equal(t.at,
			    "--- \"a/etc/my rules\"\n+++ \"b/etc/my rules\"\n"
			    "@@ -2,5 +2,8 @@\n :T -\n #\n #\n"
			    "--A T -j MARK --and-mark 0xff\n"
			    "+:zz-mark-0-ffffff00 - [0:0]\n"
			    "+-A zz-mark-0-ffffff00 -j CONNMARK --restore-mark --nfmask 0xffffff00 "
			    "--ctmask 0xffffff00\n"
			    "+-A zz-mark-0-ffffff00 -j CONNMARK --restore-mark --nfmask 0x0 "
			    "--ctmask 0xffffff00\n"
			    "+-A T -j zz-mark-0-ffffff00\n"
			    " COMMIT\n\\ No newline at end of file\n");
	text_release(&t);
}

static void nothing_is_printed_where_nothing_changes(void **state)
{
	struct text t = diff_of(span_of("*nat\n-A T -j ACCEPT\nCOMMIT\n"), "x", false);
	struct text once = ruleset_rewrite(span_of("*nat\n-A T -j MARK --or 1\nCOMMIT\n"), CLASS_TYPO);
	struct text again = diff_of((struct span){ once.at, once.len }, "x", false);

	(void)state;
	assert_int_equal(t.len, 0);
	assert_int_equal(again.len, 0);
	text_release(&t);
	text_release(&once);
	text_release(&again);
}

static void a_terminal_gets_colours_and_no_control_characters(void **state)
{
	struct text t = diff_of(span_of("*nat\n#\033[2J\n-A T -j MARK --and-mark 1\nCOMMIT\n"), "x",
				true);

	(void)state;
	assert_non_null(strstr(t.at, "\n #\\x1b[2J\n"));
	assert_non_null(strstr(t.at, "\033[31m--A T -j MARK --and-mark 1\033[m\n"));
	assert_non_null(strstr(t.at, "\033[36m@@ "));
	text_release(&t);
}

static void put_file(const char *path, struct span s)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, s.at, s.len), s.len);
	close(fd);
}

static int run_patch(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execlp("patch", "patch", "-s", "-p1", "-i", "diff", (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void check_patch(struct span rules, const char *name)
{
	struct text d = diff_of(rules, "rules", false);
	struct text want = ruleset_rewrite(rules, CLASS_TYPO);
	static char got[1 << 20];
	ssize_t n;
	int fd;

	if (d.len && !memchr(rules.at, '\0', rules.len)) {
		put_file("rules", rules);
		put_file("diff", (struct span){ d.at, d.len });
		if (run_patch() != 0)
			fail_msg("%s: patch refuses\n%s", name, d.at);
		fd = open("rules", O_RDONLY);
		n = read(fd, got, sizeof(got));
		close(fd);
		if (n != (ssize_t)want.len || memcmp(got, want.at, want.len) != 0)
			fail_msg("%s: patched wrongly with\n%s", name, d.at);
	}
	text_release(&d);
	text_release(&want);
}

static void patch_makes_the_rewritten_ruleset_of_it(void **state)
{
	char dir[] = "/tmp/markshim-diff-XXXXXX";
	uint32_t seed = 99;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	for (int i = 0; i < 300; i++) {
		struct text t = ruleset_random(&seed);

		check_patch((struct span){ t.at, t.len }, "a random ruleset");
		text_release(&t);
	}
	unlink("rules");
	unlink("diff");
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_diff_is_what_diff_u_prints),
		cmocka_unit_test(nothing_is_printed_where_nothing_changes),
		cmocka_unit_test(a_terminal_gets_colours_and_no_control_characters),
		cmocka_unit_test(patch_makes_the_rewritten_ruleset_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
