/* The unified diff: what patch(1) and git make of it is the rewritten ruleset. */
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
#include "range.h"
#include "ruleset.h"

static struct text diff_for(struct span rules, enum kernel_class c, const char *name, bool colour)
{
	const struct kernel kernel = kernel_of_class(c);
	const struct form_order order = ruleset_order();
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

static struct text diff_of(struct span rules, const char *name, bool colour)
{
	return diff_for(rules, CLASS_TYPO, name, colour);
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
	struct text once = ruleset_rewrite(span_of("*nat\n-A T -j MARK --or 1\nCOMMIT\n"),
					   CLASS_TYPO);
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

#define HEAD "--- a/x\n+++ b/x\n"
#define MARK "-A T -j MARK --and-mark 0xff\n"
#define NEW "+-A T -j zz-mark-0-ffffff00\n"
#define HELPER \
	"+:zz-mark-0-ffffff00 - [0:0]\n" \
	"+-A zz-mark-0-ffffff00 -j CONNMARK --restore-mark --nfmask 0xffffff00 " \
	"--ctmask 0xffffff00\n" \
	"+-A zz-mark-0-ffffff00 -j CONNMARK --restore-mark --nfmask 0x0 --ctmask 0xffffff00\n"

static const struct {
	const char *what;
	enum kernel_class class;
	const char *rules, *want;
} rows[] = {
	{ "six lines between two changes: one hunk", CLASS_TYPO,
	  "*nat\n" MARK "1\n2\n3\n4\n5\n6\n" MARK,
	  HEAD "@@ -1,9 +1,12 @@\n *nat\n-" MARK HELPER NEW " 1\n 2\n 3\n 4\n 5\n 6\n-" MARK NEW },
	{ "seven: two hunks", CLASS_TYPO,
	  "*nat\n" MARK "1\n2\n3\n4\n5\n6\n7\n" MARK "8\n9\n10\n11\n",
	  HEAD "@@ -1,5 +1,8 @@\n *nat\n-" MARK HELPER NEW " 1\n 2\n 3\n"
	  "@@ -7,7 +10,7 @@\n 5\n 6\n 7\n-" MARK NEW " 8\n 9\n 10\n" },
	{ "changes side by side", CLASS_TYPO, "*nat\n" MARK MARK MARK,
	  HEAD "@@ -1,4 +1,7 @@\n *nat\n-" MARK "-" MARK "-" MARK HELPER NEW NEW NEW },
	{ "one line that is left", CLASS_HEALTHY, "*nat\n:zz-mark-1-1 -\n",
	  HEAD "@@ -1,2 +1 @@\n *nat\n-:zz-mark-1-1 -\n" },
	{ "no final newline in what goes", CLASS_HEALTHY, "*nat\n#\n:zz-mark-1-1 -",
	  HEAD "@@ -1,3 +1,2 @@\n *nat\n #\n-:zz-mark-1-1 -\n\\ No newline at end of file\n" },
	{ "no final newline in what changes", CLASS_HEALTHY, "*nat\n-A T -j zz-mark-1-2",
	  HEAD "@@ -1,2 +1,2 @@\n *nat\n--A T -j zz-mark-1-2\n\\ No newline at end of file\n"
	  "+-A T -j MARK --set-xmark 0x1/0x2\n\\ No newline at end of file\n" },
	{ "a helper that only moves", CLASS_TYPO,
	  "*nat\n:zz-mark-0-1 -\n:T -\n-A T -j zz-mark-0-1\n",
	  HEAD "@@ -1,4 +1,6 @@\n *nat\n-:zz-mark-0-1 -\n :T -\n+:zz-mark-0-1 - [0:0]\n"
	  "+-A zz-mark-0-1 -j CONNMARK --restore-mark --nfmask 0x1 --ctmask 0x1\n"
	  "+-A zz-mark-0-1 -j CONNMARK --restore-mark --nfmask 0x0 --ctmask 0x1\n"
	  " -A T -j zz-mark-0-1\n" },
	{ "stuck", CLASS_NFT_ONLY, "*nat\n" MARK, "" },
	{ "empty", CLASS_TYPO, "", "" },
};

static void hunks_are_cut_as_diff_u_cuts_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text got = diff_for(span_of(rows[i].rules), rows[i].class, "x", false);

		if (strcmp(got.at, rows[i].want) != 0)
			fail_msg("%s:\n%s--- is not\n%s", rows[i].what, got.at, rows[i].want);
		text_release(&got);
	}
}

/* As git writes them, so that git apply and patch read them. */
static const struct {
	const char *name, *in_diff;	/* behind a/ and b/ */
} names[] = {
	{ "rules", "a/rules" },
	{ "my rules", "\"a/my rules\"" },
	{ "say \"x\"", "\"a/say \\\"x\\\"\"" },
	{ "back\\slash", "\"a/back\\\\slash\"" },
	{ "a\tb\177\n", "\"a/a\\011b\\177\\012\"" },
	{ "del\177", "\"a/del\\177\"" },
	{ "r\xc3\xa8gles", "a/r\xc3\xa8gles" },
	{ "///rules", "a/rules" },
};

static void odd_names_are_quoted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct text d = diff_of(span_of("*nat\n" MARK), names[i].name, false);
		char want[128];

		snprintf(want, sizeof(want), "--- %s\n", names[i].in_diff);
		assert_memory_equal(d.at, want, strlen(want));
		text_release(&d);
	}
}

static void put_file(const char *path, struct span s)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, s.at, s.len), s.len);
	close(fd);
}

/* The two programs that a diff is for; patch 2.8 and later refuses a name with a newline. */
enum { PATCH, GIT };
static const char *const programs[][7] = {
	[PATCH] = { "patch", "-s", "-p1", "--binary", "-i", "diff", NULL },
	[GIT] = { "git", "apply", "-p1", "--whitespace=nowarn", "diff", NULL },
};

static int run_program(const char *const argv[])
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		/* no repository above the directory is meant */
		setenv("GIT_DIR", "/dev/null", 1);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static size_t applied;

static void check_patch(struct span rules, const char *name)
{
	size_t n = applied % (sizeof(names) / sizeof(names[0]) - 1);
	const char *file = names[n].name;
	const char *const *program = programs[strchr(file, '\n') || applied % 2 ? GIT : PATCH];
	struct text d = diff_of(rules, file, false), want = ruleset_rewrite(rules, CLASS_TYPO);
	static char got[1 << 20];
	ssize_t len;
	int fd;

	/* diff, patch and git have no way to say a NUL */
	if (d.len && !memchr(rules.at, '\0', rules.len)) {
		applied++;
		put_file(file, rules);
		put_file("diff", (struct span){ d.at, d.len });
		if (run_program(program) != 0)
			fail_msg("%s: %s refuses\n%s", name, program[0], d.at);
		fd = open(file, O_RDONLY);
		len = read(fd, got, sizeof(got));
		close(fd);
		if (len != (ssize_t)want.len || memcmp(got, want.at, want.len) != 0)
			fail_msg("%s: %s made something else with\n%s", name, program[0], d.at);
		unlink(file);
	}
	text_release(&d);
	text_release(&want);
}

static char home[4096], dir[] = "/tmp/markshim-diff-XXXXXX";

static void check_recorded(struct span rules, const char *name)
{
	assert_int_equal(chdir(dir), 0);
	check_patch(rules, name);
	assert_int_equal(chdir(home), 0);
}

static bool have(const char *const program[])
{
	const char *const version[] = { program[0], "--version", NULL };
	int keep = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY), status;

	dup2(null, STDOUT_FILENO);
	status = run_program(version);
	dup2(keep, STDOUT_FILENO);
	close(keep);
	close(null);
	return status == 0;
}

static void patch_and_git_make_the_rewritten_ruleset_of_it(void **state)
{
	uint32_t seed = 99;

	(void)state;
	if (!have(programs[PATCH]) || !have(programs[GIT])) {
		const char *must = getenv("MUST_RUN");

		if (must && !strcmp(must, "1"))
			fail_msg("patch or git is not here");
		print_message("patch or git is not here\n");
		skip();
	}
	print_message("seed %u\n", seed);
	assert_non_null(getcwd(home, sizeof(home)));
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < 200; i++) {
		struct text t = ruleset_random(&seed);

		check_recorded((struct span){ t.at, t.len }, "a random ruleset");
		text_release(&t);
	}
	assert_uint_in_range(applied, 100, 200);
	applied = 0;
	ruleset_each_recorded(check_recorded);
	assert_uint_in_range(applied, 100, SIZE_MAX);
}

/* Also after a failure, which leaves files there. */
static int remove_dir(void **state)
{
	(void)state;
	if (!*home || chdir(dir) != 0)
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i].name);
	unlink("diff");
	return chdir(home) == 0 ? rmdir(dir) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_diff_is_what_diff_u_prints),
		cmocka_unit_test(nothing_is_printed_where_nothing_changes),
		cmocka_unit_test(a_terminal_gets_colours_and_no_control_characters),
		cmocka_unit_test(hunks_are_cut_as_diff_u_cuts_them),
		cmocka_unit_test(odd_names_are_quoted),
		cmocka_unit_test(patch_and_git_make_the_rewritten_ruleset_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, remove_dir);
}
