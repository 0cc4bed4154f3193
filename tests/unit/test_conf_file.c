/* Configuration files as a whole: the defaults, the file that is shipped, whose file it may be. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "text.h"

static char dir[] = "/tmp/markshim-conf-file-XXXXXX";
static char path[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/conf", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static const char *const shown_keys[] = {
	"\nmode = ", "\nassume = ", "\nbackend = ", "\nip6tables-restore = ", "\nsyslog = ",
	"\nstderr = ", "\nfile = ", "\nnat = ", "\nmangle = ", "\nfilter = ", "\nsecurity = ",
	"\nraw = ",
};

static void put(const char *text, size_t len, mode_t mode)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* What conf_read() says, without the file's name; "" if it is content. */
static const char *said(struct conf *c)
{
	static struct err e;

	e.text[0] = '\0';
	if (conf_read(c, path, true, &e) == 0)
		return "";
	assert_memory_equal(e.text, path, strlen(path));
	return e.text + strlen(path) + 2;
}

/* What is not root's and not the caller's own could be changed by a third. */
static void own_files_will_do_for_those_who_are_not_root(void **state)
{
	struct conf c = conf_default();
	int status;
	pid_t pid;

	(void)state;
	/* who is not root shows it by every other test here */
	if (geteuid() != 0)
		return;
	put("[shim]\nmode = off\n", 18, 0644);
	assert_int_equal(chmod(dir, 0711), 0);
	for (int mine = 0; mine < 2; mine++) {
		assert_int_equal(chown(path, mine ? 65534 : 0, 0), 0);
		pid = fork();
		if (pid == 0)
			_exit(setuid(65534) != 0 || c.mode == MODE_OFF ||
			      conf_read(&c, path, true, &(struct err){ "" }) != 0 ||
			      c.mode != MODE_OFF);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

/* The file that is installed is good, with and without its comment signs, and says the defaults. */
static void the_shipped_file_shows_the_defaults(void **state)
{
	static const char *const no_default[] = { ";assume", ";ip6tables-restore", ";file" };
	FILE *file = fopen("conf/markshim.conf", "r");
	struct text all = { 0 }, told = { 0 };
	struct conf c, usual = conf_default();
	char line[256];

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		bool shown = *line == ';';

		text_puts(&told, line + shown);
		for (size_t i = 0; i < 3; i++)
			shown &= strncmp(line, no_default[i], strlen(no_default[i])) != 0;
		text_puts(&all, line + shown);
	}
	fclose(file);
	put(told.at, told.len, 0644);
	assert_string_equal(said(&c), "");
	assert_int_equal(c.assume, CLASS_TYPO);
	assert_string_equal(c.log_file, "/var/log/markshim.log");
	put(all.at, all.len, 0644);
	assert_string_equal(said(&c), "");
	assert_memory_equal(&c, &usual, sizeof(c));
	/* no key is forgotten */
	for (size_t i = 0; i < sizeof(shown_keys) / sizeof(shown_keys[0]); i++)
		if (!strstr(told.at, shown_keys[i]))
			fail_msg("not shown: %s", shown_keys[i]);
	text_release(&all);
	text_release(&told);
}

static void the_defaults_are_these(void **state)
{
	struct conf c = conf_default();

	(void)state;
	assert_int_equal(c.mode, MODE_REWRITE);
	assert_int_equal(c.assume, CLASS_UNKNOWN);
	assert_int_equal(c.backend, BACKEND_UNKNOWN);
	assert_true(c.log_syslog);
	assert_false(c.log_stderr);
	assert_string_equal(c.log_file, "");
	for (size_t i = 0; i < APPLET_COUNT; i++)
		assert_string_equal(c.real[i], "");
	for (int t = 0; t < TABLE_COUNT; t++)
		assert_int_equal(c.forms.at[t][0] == NULL, t == TABLE_RAW);
	assert_string_equal(conf_mode_name(MODE_REWRITE), "rewrite");
	assert_string_equal(conf_mode_name(MODE_DRY_RUN), "dry-run");
	assert_string_equal(conf_mode_name(MODE_OFF), "off");
}

/* Nothing of a file with a mistake is kept, wherever in it the mistake is. */
static void after_any_mistake_all_defaults_hold(void **state)
{
	const char *text = "[shim]\nmode = off\nassume = typo\n[real]\nbackend = nft\n"
		"iptables = /x\n[log]\nsyslog = no\nstderr = yes\nfile = /x\n[forms]\n"
		"nat = none\nx = y\nmode = off\n";
	struct conf c, usual = conf_default();

	(void)state;
	put(text, strlen(text), 0600);
	assert_string_equal(said(&c), "line 13: [forms] x: there is no such table");
	assert_memory_equal(&c, &usual, sizeof(c));
	memset(&c, 0x55, sizeof(c));
	put("", 0, 0666);
	assert_string_not_equal(said(&c), "");
	assert_memory_equal(&c, &usual, sizeof(c));
}

static void only_a_missing_file_may_be_missing(void **state)
{
	struct conf c;
	struct err e;

	(void)state;
	unlink(path);
	assert_int_equal(conf_read(&c, path, false, &e), 0);
	assert_int_equal(conf_read(&c, path, true, &e), -1);
	assert_int_equal(conf_read(&c, dir, false, &e), -1);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_equal(conf_read(&c, path, false, &e), -1);
}

static void a_byte_too_much_is_refused(void **state)
{
	static char big[65537];
	struct conf c;

	(void)state;
	memset(big, '\n', sizeof(big));
	put(big, sizeof(big), 0600);
	assert_string_equal(said(&c), "more than 65536 bytes");
	put(big, sizeof(big) - 1, 0600);
	assert_string_equal(said(&c), "");
}

/* Each line is one, as an editor shows it. */
static void lines_are_whole(void **state)
{
	char line[220];
	struct conf c;

	(void)state;
	put("[shim]\n\t mode = off\n  ; x\n", 26, 0600);
	assert_string_equal(said(&c), "");
	assert_int_equal(c.mode, MODE_OFF);
	put("[shim]\nmode = off\0\n", 19, 0600);
	assert_string_equal(said(&c), "line 2: there is a NUL in the line");
	/* what stands behind 200 bytes of a comment is comment */
	snprintf(line, sizeof(line), "[shim]\n;%*s = off\n", 202, "mode");
	put(line, strlen(line), 0600);
	assert_string_equal(said(&c), "line 2: the line is too long");
	snprintf(line, sizeof(line), "[shim]\n;%*s\nx = off\n", 197, "mode");
	put(line, strlen(line), 0600);
	assert_string_equal(said(&c), "line 3: [shim] x: there is no such key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_these),
		cmocka_unit_test(the_shipped_file_shows_the_defaults),
		cmocka_unit_test(after_any_mistake_all_defaults_hold),
		cmocka_unit_test(only_a_missing_file_may_be_missing),
		cmocka_unit_test(a_byte_too_much_is_refused),
		cmocka_unit_test(lines_are_whole),
		cmocka_unit_test(own_files_will_do_for_those_who_are_not_root),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
