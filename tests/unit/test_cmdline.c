/* Command lines for one rule: what is read of them, and what they become. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmdline.h"
#include "text.h"
#include "ruleset.h"

#define ARGS 24

/* Words with one blank between them; '' is an empty one.  Returns how many. */
static int split(char *argv[static ARGS], char *line)
{
	int argc = 0;

	for (char *word = strtok(line, " "); word && argc < ARGS - 1; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "''") ? word : (char *)"";
	argv[argc] = NULL;
	return argc;
}

static void join(struct text *to, char *const argv[])
{
	for (size_t i = 1; argv[i]; i++)
		text_printf(to, "%s%s", i > 1 ? " " : "", argv[i]);
}

/* On a typo kernel: `becomes` is the new line; "same", "stuck", or "none" if no MARK command. */
static const struct {
	const char *line, *becomes;
} rows[] = {
	{ "-A T -j MARK --set-mark 1", "-A T -j zz-mark-1-ffffffff" },
	{ "-t nat -A T -j MARK --or-mark 0x4000", "-t nat -A T -j zz-mark-4000-4000" },
	{ "-A T -j MARK --set-mark=2 -w 5 -W 100", "-A T -j zz-mark-2-ffffffff -w 5 -W 100" },
	{ "--wait --table mangle --insert T 3 --jump MARK -p tcp --xor-m 5",
	  "--wait --table mangle --insert T 3 --jump zz-mark-5-0 -p tcp" },
	{ "-w5 -vt mangle -R T 1 -jMARK --set-x 6/15", "-w5 -vt mangle -R T 1 -jzz-mark-6-f" },
	{ "-I T --jump=MARK --and-mark 0xff --wait=9", "-I T --jump=zz-mark-0-ffffff00 --wait=9" },
	{ "-D T -j MARK -m comment --comment '' --set-mark 1",
	  "-D T -j zz-mark-1-ffffffff -m comment --comment " },
	{ "-C T -n -M /sbin/x -6 -j MARK --set-mark 1 -c 1 2",
	  "-C T -n -M /sbin/x -6 -j zz-mark-1-ffffffff -c 1 2" },
	{ "-t raw -A T -j MARK --set-mark 1", "stuck" },
	{ "-t nosuch -A T -j MARK --set-mark 1", "stuck" },
	{ "-4 -A T -j MARK --set-mark 1", "none" },
	{ "-A T -j MARK", "none" },
	{ "-A T -j MARK --set-mark x", "none" },
	{ "-A T -g MARK --set-mark 1", "none" },
	{ "-A T -j ACCEPT", "none" },
	{ "-A T -j MARK --set-mark 1 extra", "none" },
	{ "-A T -j MARK --set-mark 1 -h", "none" },
	{ "-j MARK --set-mark 1", "none" },
	{ "-L T", "none" },
	{ "-F", "none" },
	{ "", "none" },
};

static struct rewrite_change change_of(const struct cmdline *c, const struct kernel *k)
{
	const struct form_order order = ruleset_order();
	const struct form_ground g = { .order = &order, .kernel = k, .family = FAMILY_IPV6 };

	return cmdline_change(c, &g);
}

static void say(struct text *to, struct cmdline *c, const struct kernel *k)
{
	const char *const none[] = { NULL };
	char name[HELPER_NAME_MAX];
	struct rewrite_change change;
	char **argv;

	if (!cmdline_marks(c)) {
		text_puts(to, "none");
		return;
	}
	change = change_of(c, k);
	if (change.fate != REWRITE_CHANGED) {
		text_puts(to, change.fate == REWRITE_STUCK ? "stuck" : "same");
		return;
	}
	helper_name(name, change.op);
	argv = cmdline_argv(c, name, none);
	join(to, argv);
	free(argv);
}

static void a_command_is_turned_into_a_jump(void **state)
{
	const struct kernel typo = kernel_of_class(CLASS_TYPO);
	static struct cmdline c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		OWN_TEXT struct text got = { 0 };
		char line[256], *argv[ARGS];
		int argc;

		snprintf(line, sizeof(line), "ip6tables %s", rows[i].line);
		argc = split(argv, line);
		if (cmdline_read(&c, argc, argv, FAMILY_IPV6) < 0)
			text_puts(&got, "none");
		else
			say(&got, &c, &typo);
		assert_string_equal(got.at, rows[i].becomes);
	}
}

static void a_kernel_that_takes_it_leaves_it(void **state)
{
	struct kernel k = kernel_of_class(CLASS_MASKREJECT);
	char *full[] = { (char *)"ip6tables", (char *)"-A", (char *)"T", (char *)"-j", (char *)"MARK",
			 (char *)"--set-mark", (char *)"1", NULL };
	char *masked[] = { (char *)"ip6tables", (char *)"-A", (char *)"T", (char *)"-j", (char *)"MARK",
			   (char *)"--or-mark", (char *)"1", NULL };
	static struct cmdline c;

	(void)state;
	assert_int_equal(cmdline_read(&c, 7, full, FAMILY_IPV6), 0);
	assert_int_equal(change_of(&c, &k).fate, REWRITE_KEPT);
	assert_int_equal(cmdline_read(&c, 7, masked, FAMILY_IPV6), 0);
	assert_int_equal(change_of(&c, &k).fate, REWRITE_CHANGED);
	k = (struct kernel){ 0 };
	assert_int_equal(change_of(&c, &k).fate, REWRITE_KEPT);
}

/* A lost match is no reason to load a rule that means something else. */
static void without_the_match_a_rule_with_it_is_stuck(void **state)
{
	const struct kernel k = kernel_of_class(CLASS_NO_MODULE);
	char line[] = "ip6tables -A T -m mark --mark 1 -j MARK --set-mark 1", *argv[ARGS];
	static struct cmdline c;
	struct rewrite_change change;
	int argc = split(argv, line);

	(void)state;
	assert_int_equal(cmdline_read(&c, argc, argv, FAMILY_IPV6), 0);
	change = change_of(&c, &k);
	assert_int_equal(change.fate, REWRITE_STUCK);
	assert_int_equal(change.reason, REWRITE_NO_MATCH);
}

static void the_helper_chain_comes_in_one_transaction(void **state)
{
	const struct kernel typo = kernel_of_class(CLASS_TYPO);
	char line[] = "ip6tables -t nat -w 5 -vA T -j MARK --or-mark 64 -M x", *argv[ARGS];
	char rules[CMDLINE_RULES_MAX];
	static struct cmdline c;
	struct rewrite_change change;
	int argc = split(argv, line);

	(void)state;
	assert_int_equal(cmdline_read(&c, argc, argv, FAMILY_IPV6), 0);
	assert_true(c.rule.waits && c.rule.verbose && !c.rule.numbers);
	assert_string_equal(c.rule.wait, "5");
	assert_string_equal(c.rule.modprobe, "x");
	change = change_of(&c, &typo);
	cmdline_helper_rules(rules, &change, FAMILY_IPV6);
	assert_string_equal(rules,
		"*nat\n:zz-mark-40-40 - [0:0]\n"
		"-A zz-mark-40-40 -j CONNMARK --restore-mark --nfmask 0x40 --ctmask 0x40\n"
		"-A zz-mark-40-40 -j CONNMARK --set-xmark 0x40/0x0\n"
		"-A zz-mark-40-40 -j CONNMARK --restore-mark --nfmask 0x0 --ctmask 0x40\n"
		"-A zz-mark-40-40 -j CONNMARK --set-xmark 0x40/0x0\nCOMMIT\n");
}

static void more_words_than_there_is_room_for_are_left_alone(void **state)
{
	char *argv[LEXER_WORDS_MAX + 3];
	static struct cmdline c;

	(void)state;
	for (size_t i = 0; i < LEXER_WORDS_MAX + 2; i++)
		argv[i] = (char *)"-n";
	argv[LEXER_WORDS_MAX + 2] = NULL;
	assert_int_equal(cmdline_read(&c, LEXER_WORDS_MAX + 1, argv, FAMILY_IPV6), 0);
	assert_int_equal(cmdline_read(&c, LEXER_WORDS_MAX + 2, argv, FAMILY_IPV6), -1);
	assert_int_equal(cmdline_read(&c, 0, argv, FAMILY_IPV6), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_turned_into_a_jump),
		cmocka_unit_test(a_kernel_that_takes_it_leaves_it),
		cmocka_unit_test(without_the_match_a_rule_with_it_is_stuck),
		cmocka_unit_test(the_helper_chain_comes_in_one_transaction),
		cmocka_unit_test(more_words_than_there_is_room_for_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
