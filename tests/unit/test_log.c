/* The log's file. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "range.h"

static char dir[] = "/tmp/markshim-log-XXXXXX";
static struct conf conf;

static int make_dir(void **state)
{
	(void)state;
	conf = conf_default();
	conf.log_syslog = false;
	if (!mkdtemp(dir))
		return -1;
	snprintf(conf.log_file, sizeof(conf.log_file), "%s/log", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(conf.log_file);
	return rmdir(dir);
}

/* What two records left in the file; "" if there is none. */
static const char *logged(struct span text)
{
	static char got[3 * LOG_TEXT_MAX];
	const struct log_field fields[] = { log_span("was", text), log_number("line", 7) };
	struct log l;
	ssize_t n;
	int fd;

	log_begin(&l, &conf, "ip6tables-restore");
	log_record(&l, LOG_NOTICE, "change", fields, 2);
	log_note(&l, LOG_INFO, "done");
	log_end(&l);
	fd = open(conf.log_file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
	n = fd < 0 ? 0 : read(fd, got, sizeof(got) - 1);
	got[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return got;
}

static void a_record_is_one_line_whatever_the_rule_says(void **state)
{
	const char *got = logged(span_of("-A T \"\n{\\\"event\\\":\\\"run\\\"}\033[2J\xff\""));
	const char *end = strchr(got, '\n');

	(void)state;
	assert_non_null(strstr(got, "\"event\":\"change\",\"applet\":\"ip6tables-restore\",\"caller_pid\":"));
	assert_non_null(strstr(got, "\"was\":\"-A T \\\"\\u000a{\\\\\\\"event\\\\\\\":\\\\\\\"run\\\\\\\"}"
			       "\\u001b[2J\\ufffd\\\"\",\"line\":7}\n"));
	assert_non_null(end);
	assert_non_null(strstr(end, "\"event\":\"note\""));
	assert_string_equal(strrchr(got, '"') + 1, "}\n");
	assert_int_equal(unlink(conf.log_file), 0);
}

static void a_long_text_is_cut(void **state)
{
	static char text[2 * LOG_TEXT_MAX];
	const char *got;

	(void)state;
	memset(text, 'x', sizeof(text));
	got = logged((struct span){ text, sizeof(text) });
	assert_non_null(strstr(got, "xxx...\",\"line\":7}"));
	assert_uint_in_range(strlen(got), LOG_TEXT_MAX, LOG_TEXT_MAX + 800);
	assert_int_equal(unlink(conf.log_file), 0);
}

static void nothing_but_a_regular_file_is_written(void **state)
{
	char target[64];

	(void)state;
	snprintf(target, sizeof(target), "%s/target", dir);
	assert_int_equal(symlink(target, conf.log_file), 0);
	assert_string_equal(logged(span_of("x")), "");
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(unlink(conf.log_file), 0);
	assert_int_equal(mkfifo(conf.log_file, 0600), 0);
	assert_string_equal(logged(span_of("x")), "");
	assert_int_equal(unlink(conf.log_file), 0);
	assert_int_equal(mkdir(conf.log_file, 0700), 0);
	assert_string_equal(logged(span_of("x")), "");
	assert_int_equal(rmdir(conf.log_file), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_one_line_whatever_the_rule_says),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(nothing_but_a_regular_file_is_written),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
