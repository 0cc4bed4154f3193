/* The lines in tests/data/logs, each with the verdict that it ought to get. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log_patterns.h"

static size_t seen[LOG_PATTERNS_MAX];

static const char *verdict(struct span line)
{
	size_t at = SIZE_MAX;
	int which = log_patterns_find(line, &at);

	if (which < 0)
		return "-";
	assert_true(at < line.len);
	seen[which]++;
	return log_verdict_name(log_patterns[which].verdict);
}

/* "VERDICT<tab>LINE" */
static void check_line(const char *file, size_t number, const char *line)
{
	const char *tab = strchr(line, '\t');
	char got[96], want[96];

	assert_non_null(tab);
	snprintf(got, sizeof(got), "%s:%zu: %s", file, number,
		 verdict(span_without_newline(span_of(tab + 1))));
	snprintf(want, sizeof(want), "%s:%zu: %.*s", file, number, (int)(tab - line), line);
	assert_string_equal(got, want);
}

static size_t check_file(const char *name)
{
	char path[300], *line = NULL;
	size_t room = 0, n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "tests/data/logs/%s", name);
	f = fopen(path, "r");
	assert_non_null(f);
	while (getline(&line, &room, f) > 0)
		check_line(name, ++n, line);
	free(line);
	fclose(f);
	return n;
}

static void each_line_gets_its_verdict(void **state)
{
	DIR *d = opendir("tests/data/logs");
	struct dirent *e;
	size_t n = 0;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d)))
		if (*e->d_name != '.' && strcmp(e->d_name, "ORIGIN") != 0)
			n += check_file(e->d_name);
	closedir(d);
	assert_true(n > 50);
	/* no pattern is there for nothing */
	for (size_t i = 0; log_patterns[i].means; i++)
		if (!seen[i])
			fail_msg("no line has `%s'", log_patterns[i].has[0]);
}

static void bytes_may_be_anything(void **state)
{
	static const char with_nul[] = "a\0ip6tables v1.8.9: unknown option \"--or-mark\"\0b";

	(void)state;
	assert_string_equal(verdict((struct span){ with_nul, sizeof(with_nul) - 1 }), "cause");
	assert_string_equal(verdict((struct span){ "", 0 }), "-");
	/* a word that the line's end cuts off is not there */
	for (size_t len = 0; len < strlen("Ignoring deprecated --wait-interval option"); len++)
		assert_string_equal(verdict((struct span){
			"Ignoring deprecated --wait-interval option", len }), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_gets_its_verdict),
		cmocka_unit_test(bytes_may_be_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
