/* The configuration file: every key, good and bad; the file as a whole, and whose it may be. */
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

static char dir[] = "/tmp/markshim-conf-XXXXXX";
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

static const struct {
	const char *text, *want;
} rows[] = {
	{ "", "" },
	{ "# x\n; y\n[shim]\n", "" },
	{ "[shim]\nmode = rewrite\n", "" },
	{ "[shim]\nmode = dry-run ; for now\n", "" },
	{ "[shim]\nmode = off\nassume = typo\n", "" },
	{ "[shim]\nmode = on\n", "line 2: [shim] mode: `on' is neither rewrite nor dry-run nor off" },
	{ "[shim]\nassume = unknown\n", "line 2: [shim] assume: `unknown' is no class of kernels" },
	{ "[shim]\nmod = off\n", "line 2: [shim] mod: there is no such key" },
	{ "\n\n[shin]\nmode = off\n", "line 4: [shin] mode: there is no such key" },
	{ "mode = off\n", "line 1: [] mode: there is no such key" },
	{ "[shim]\nmode =\n", "line 2: [shim] mode: `' is neither rewrite nor dry-run nor off" },
	{ "[shim]\nmode = Off\n",
	  "line 2: [shim] mode: `Off' is neither rewrite nor dry-run nor off" },
	{ "[shim]\nassume =\n", "line 2: [shim] assume: `' is no class of kernels" },
	{ "\xef\xbb\xbf[shim]\r\nmode: off\r\n", "" },
	{ "[real]\nbackend = nft\n", "" },
	{ "[real]\nbackend = auto\n", "" },
	{ "[real]\nbackend = xt\n", "line 2: [real] backend: `xt' is neither auto nor nft nor legacy" },
	{ "[real]\nip6tables-restore = /x\niptables-legacy-save = /y\n", "" },
	{ "[real]\nip6tables-restore = x\n", "line 2: [real] ip6tables-restore: `x' is no absolute path" },
	{ "[real]\nip6tables-restor = /x\n", "line 2: [real] ip6tables-restor: there is no such key in "
	  "[real]" },
	{ "[log]\nsyslog = no\nstderr = yes\nfile = /x\n", "" },
	{ "[log]\nsyslog = 1\n", "line 2: [log] syslog: `1' is neither yes nor no" },
	{ "[log]\nfile = log\n", "line 2: [log] file: `log' is no absolute path" },
	{ "[log]\nstderr = maybe\n", "line 2: [log] stderr: `maybe' is neither yes nor no" },
	{ "[log]\nfile =\n", "line 2: [log] file: `' is no absolute path" },
	{ "[log]\nfil = /x\n", "line 2: [log] fil: there is no such key" },
	{ "[forms]\nnat = connmark\nraw = none\n", "" },
	{ "[forms]\nnat =\n", "line 2: [forms] nat: a form or `none' is missing" },
	{ "[forms]\nnat = connmark, connmark\n",
	  "line 2: [forms] nat: form `connmark' is named twice" },
	{ "[forms]\nnat = connmark none\n", "line 2: [forms] nat: `none' is no form" },
	{ "[forms]\nnat = hugo\n", "line 2: [forms] nat: `hugo' is no form" },
	{ "[forms]\nbroute = none\n", "line 2: [forms] broute: there is no such table" },
	{ "[shim]\nmode\n", "line 2: neither [section] nor key = value" },
	{ "[shim\n", "line 1: neither [section] nor key = value" },
	{ "[shim]\nmode = off\nmode = bad\nassume = bad\n",
	  "line 3: [shim] mode: `bad' is neither rewrite nor dry-run nor off" },
};

static void keys_are_read_or_refused_with_their_line(void **state)
{
	char got[512], want[512];
	struct conf c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put(rows[i].text, strlen(rows[i].text), 0600);
		snprintf(got, sizeof(got), "%s=> %s", rows[i].text, said(&c));
		snprintf(want, sizeof(want), "%s=> %s", rows[i].text, rows[i].want);
		assert_string_equal(got, want);
	}
}

static void values_arrive(void **state)
{
	const char *text = "[shim]\nmode = dry-run\nassume = nft-only\n[real]\nbackend = legacy\n"
		"ip6tables-nft-restore = /a b\n[log]\nsyslog = no\nstderr = yes\nfile = /l\n"
		"[forms]\nnat = none\n";
	const struct applet a = { FAMILY_IPV6, BACKEND_NFT, APPLET_RESTORE };
	struct conf c;

	(void)state;
	put(text, strlen(text), 0644);
	assert_string_equal(said(&c), "");
	assert_int_equal(c.mode, MODE_DRY_RUN);
	assert_int_equal(c.assume, CLASS_NFT_ONLY);
	assert_int_equal(c.backend, BACKEND_LEGACY);
	assert_string_equal(c.real[applet_index(a)], "/a b");
	assert_false(c.log_syslog);
	assert_true(c.log_stderr);
	assert_string_equal(c.log_file, "/l");
	assert_null(c.forms.at[TABLE_NAT][0]);
	assert_non_null(c.forms.at[TABLE_MANGLE][0]);
}

static void after_a_mistake_the_defaults_hold_for_the_whole_file(void **state)
{
	const char *text = "[shim]\nmode = off\n[log]\nsyslog = no\nfile = /x\n"
		"[forms]\nnat = none\nx = y\n";
	struct conf c, usual = conf_default();

	(void)state;
	put(text, strlen(text), 0600);
	assert_string_not_equal(said(&c), "");
	assert_int_equal(c.mode, usual.mode);
	assert_true(c.log_syslog);
	assert_string_equal(c.log_file, "");
	assert_non_null(c.forms.at[TABLE_NAT][0]);
}

static void files_that_others_could_change_are_refused(void **state)
{
	struct conf c;

	(void)state;
	put("", 0, 0620);
	assert_string_equal(said(&c), "others than its owner can write it");
	put("", 0, 0602);
	assert_string_equal(said(&c), "others than its owner can write it");
	unlink(path);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_string_equal(said(&c), "Too many levels of symbolic links");
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_string_equal(said(&c), "not a regular file");
	if (geteuid() != 0)
		return;
	put("", 0, 0600);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_string_equal(said(&c), "not owned by root");
}

static void a_path_has_its_limit(void **state)
{
	char text[CONF_PATH_MAX + 16];
	struct conf c;

	(void)state;
	for (size_t len = CONF_PATH_MAX - 1; len <= CONF_PATH_MAX; len++) {
		char name[CONF_PATH_MAX + 1] = "/";

		memset(name + 1, 'x', len - 1);
		name[len] = '\0';
		put(text, (size_t)snprintf(text, sizeof(text), "[log]\nfile=%s\n", name), 0600);
		assert_string_equal(said(&c), len < CONF_PATH_MAX ? ""
			: "line 2: [log] file: a path of more than 191 bytes");
		assert_string_equal(c.log_file, len < CONF_PATH_MAX ? name : "");
	}
}

static void odd_files_are_refused(void **state)
{
	static char big[70000];
	struct conf c;
	struct err e;

	(void)state;
	memset(big, '#', sizeof(big));
	put(big, sizeof(big), 0600);
	assert_string_equal(said(&c), "more than 65536 bytes");
	memset(big, '\n', sizeof(big));
	put(big, 65536, 0600);
	assert_string_equal(said(&c), "");
	put("\x7f" "ELF\0\1\2\n=\n", 10, 0600);
	assert_string_not_equal(said(&c), "");
	unlink(path);
	assert_string_equal(said(&c), "No such file or directory");
	assert_int_equal(conf_read(&c, path, false, &e), 0);
}

static const char *const shown_keys[] = {
	"\nmode = ", "\nassume = ", "\nbackend = ", "\nip6tables-restore = ", "\nsyslog = ",
	"\nstderr = ", "\nfile = ", "\nnat = ", "\nmangle = ", "\nfilter = ", "\nsecurity = ",
	"\nraw = ",
};

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
		assert_non_null(c.forms.at[t][0]);
	assert_false(c.refuse_inexact);
	assert_false(c.drop_unsupported);
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
		cmocka_unit_test(keys_are_read_or_refused_with_their_line),
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(after_a_mistake_the_defaults_hold_for_the_whole_file),
		cmocka_unit_test(files_that_others_could_change_are_refused),
		cmocka_unit_test(a_path_has_its_limit),
		cmocka_unit_test(odd_files_are_refused),
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
