/* A configuration that can't be read to its end is not taken for a shorter one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"

/* With optimization glibc's getline() is an inline function over the first. */
ssize_t __real___getdelim(char **line, size_t *size, int end, FILE *file);
ssize_t __wrap___getdelim(char **line, size_t *size, int end, FILE *file);
ssize_t __wrap_getline(char **line, size_t *size, FILE *file);

static const char text[] = "[shim]\nmode = off\n[real]\nbackend = nft\n";
static char path[] = "/tmp/markshim-unread-XXXXXX";
static int calls, failing;	/* from 1; 0: none fails */

ssize_t __wrap___getdelim(char **line, size_t *size, int end, FILE *file)
{
	if (++calls != failing)
		return __real___getdelim(line, size, end, file);
	errno = ENOMEM;
	return -1;
}

ssize_t __wrap_getline(char **line, size_t *size, FILE *file)
{
	return __wrap___getdelim(line, size, '\n', file);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void a_line_without_memory_is_not_the_end(void **state)
{
	struct conf c, usual = conf_default();
	struct err e;

	(void)state;
	assert_int_equal(conf_read(&c, path, true, &e), 0);
	assert_int_equal(c.mode, MODE_OFF);
	assert_int_equal(calls, 5);
	for (failing = 1; failing <= 5; failing++) {
		calls = 0;
		assert_true(conf_read(&c, path, true, &e) < 0);
		assert_memory_equal(&c, &usual, sizeof(c));
		assert_string_equal(e.text + strlen(path), ": could not be read");
	}
	failing = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_without_memory_is_not_the_end),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
