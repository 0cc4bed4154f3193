/* The command lines of iptables-restore 1.8.2 to 1.8.11. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restore_args.h"

static const struct {
	const char *line, *want;	/* words by blanks; "TABLE FILE INDEX" or "else" */
} rows[] = {
	{ "", "- - 0" },
	{ "--noflush --counters -w 5 -W 100000", "- - 0" },
	{ "-w --noflush", "- - 0" },
	{ "-w 5 rules", "- rules 3" },
	{ "-w rules", "- - 0" },
	{ "--wait=5 -c rules", "- rules 3" },
	{ "rules --noflush", "- rules 1" },
	{ "-nc rules", "- rules 2" },
	{ "-nw 5 rules", "- rules 3" },
	{ "-T mangle", "mangle - 0" },
	{ "-Tmangle rules", "mangle rules 2" },
	{ "--tab nat", "nat - 0" },
	{ "--table=nat -", "nat - 2" },
	{ "-M /sbin/modprobe -t -v -b", "- - 0" },
	{ "--modprobe=x --te --verb", "- - 0" },
	{ "-6 --ipv6 rules", "- rules 3" },
	{ "-- rules", "- rules 2" },
	{ "--wait 5 rules", "- rules 3" },
	{ "--wait rules", "- - 0" },
	{ "--wait", "- - 0" },
	{ "-W 1000 rules -w", "- rules 3" },
	{ "--wait-interval=1 rules", "- rules 2" },
	{ "-w ! ", "- ! 2" },
	{ "-w 5 5", "- 5 3" },
	{ "-n -n -n n", "- n 4" },
	{ "-T nat -T mangle", "mangle - 0" },
	{ "-T -n rules", "-n rules 3" },
	{ "-M -V", "- - 0" },
	{ "-T -- -V", "else" },
	{ "-", "- - 1" },
	{ "-- -V", "- -V 2" },
	{ "-- -n -c", "else" },
	{ "rules -- -n", "else" },
	{ "--wait- 5 rules", "- rules 3" },
	{ "--ver", "else" },
	{ "--verb", "- - 0" },
	{ "--n", "- - 0" },
	{ "--m x rules", "- rules 3" },
	{ "-w -1", "else" },
	{ "-w5", "else" },
	{ "-w=5", "else" },
	{ "--noflush=1", "else" },
	{ "--nosuch", "else" },
	{ "--t", "else" },
	{ "-T", "else" },
	{ "a b", "else" },
	{ "-h", "else" },
	{ "--help", "else" },
	{ "-n -V", "else" },
	{ "--vers", "else" },
};

static int split(char *line, char *argv[], int max)
{
	int n = 0;

	argv[n++] = (char *)"ip6tables-restore";
	for (char *word = strtok(line, " "); word && n < max; word = strtok(NULL, " "))
		argv[n++] = word;
	argv[n] = NULL;
	return n;
}

static void command_lines_are_read_as_getopt_reads_them(void **state)
{
	char line[128], got[256], want[256], *argv[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct restore_args a;
		int n;

		snprintf(line, sizeof(line), "%s", rows[i].line);
		n = split(line, argv, 15);
		a = restore_args_parse(n, argv);
		n = snprintf(got, sizeof(got), "%s: ", rows[i].line);
		if (a.action == RESTORE_ELSE)
			snprintf(got + n, sizeof(got) - (size_t)n, "else");
		else
			snprintf(got + n, sizeof(got) - (size_t)n, "%s %s %d",
				 a.table ? a.table : "-", a.file ? a.file : "-", a.file_index);
		snprintf(want, sizeof(want), "%s: %s", rows[i].line, rows[i].want);
		assert_string_equal(got, want);
	}
}

static void arguments_stay_in_their_order(void **state)
{
	char *argv[] = { (char *)"x", (char *)"rules", (char *)"-n", NULL };

	(void)state;
	restore_args_parse(3, argv);
	assert_string_equal(argv[1], "rules");
	assert_string_equal(argv[2], "-n");
}

/* The first word that is no option ends the options. */
static void posixly_correct_is_obeyed(void **state)
{
	char *argv[] = { (char *)"x", (char *)"rules", (char *)"-T", (char *)"nat", NULL };
	struct restore_args a;

	(void)state;
	a = restore_args_parse(4, argv);
	assert_int_equal(a.action, RESTORE_READS);
	assert_string_equal(a.table, "nat");
	setenv("POSIXLY_CORRECT", "1", 1);
	a = restore_args_parse(4, argv);
	unsetenv("POSIXLY_CORRECT");
	/* three words are one file too many for the real program */
	assert_int_equal(a.action, RESTORE_ELSE);
}

static void the_file_is_told_from_an_equal_word(void **state)
{
	char *argv[] = {
		(char *)"x", (char *)"-T", (char *)"nat", (char *)"-w", (char *)"nat", (char *)"nat", NULL
	};
	struct restore_args a = restore_args_parse(6, argv);

	(void)state;
	assert_int_equal(a.file_index, 5);
	assert_ptr_equal(a.file, argv[5]);
	assert_ptr_equal(a.table, argv[2]);
}

static void it_may_be_asked_again(void **state)
{
	char *argv[] = { (char *)"x", (char *)"-nc", (char *)"rules", NULL };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(restore_args_parse(3, argv).file_index, 2);
	assert_int_equal(restore_args_parse(1, argv).action, RESTORE_READS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines_are_read_as_getopt_reads_them),
		cmocka_unit_test(arguments_stay_in_their_order),
		cmocka_unit_test(posixly_correct_is_obeyed),
		cmocka_unit_test(the_file_is_told_from_an_equal_word),
		cmocka_unit_test(it_may_be_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
