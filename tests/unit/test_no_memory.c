/* Each allocation of a rewrite fails once: the same bytes come out, or a clean error. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t each);
void *__real_realloc(void *at, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t each);
void *__wrap_realloc(void *at, size_t n);

static size_t calls, failing;	/* from 1; 0: none fails */
static size_t cases, rewritten;

static bool fails(void)
{
	return ++calls == failing;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t each)
{
	return fails() ? NULL : __real_calloc(n, each);
}

void *__wrap_realloc(void *at, size_t n)
{
	return fails() ? NULL : __real_realloc(at, n);
}

/* The way of a restore: the survey, then all pieces.  Allocates nothing itself. */
static int attempt(const struct rewrite_job *job, const struct text *want, struct err *e)
{
	static struct rewrite r;
	struct rewrite_survey survey;
	struct rewrite_piece p;
	size_t at = 0;
	int res = rewrite_survey(&survey, &r, job, e);

	rewrite_survey_release(&survey);
	if (res < 0)
		return res;
	rewrite_begin(&r, job);
	while ((res = rewrite_next(&r, &p, e)) == 1) {
		assert_true(p.out.len <= want->len - at);
		assert_memory_equal(p.out.at, want->at + at, p.out.len);
		at += p.out.len;
	}
	rewrite_end(&r);
	if (res == 0)
		assert_int_equal(at, want->len);
	return res;
}

static void each_allocation_fails(struct span rules, const char *name)
{
	const struct kernel kernel = kernel_of_class(CLASS_TYPO);
	const struct form_order order = form_order_default();
	const struct rewrite_job job = {
		.rules = rules, .family = FAMILY_IPV6, .backend = BACKEND_NFT,
		.kernel = &kernel, .order = &order,
	};
	struct text want = ruleset_rewrite_job(&job);
	struct err e;
	size_t n;

	calls = failing = 0;
	assert_int_equal(attempt(&job, &want, &e), 0);
	n = calls;
	rewritten += n > 0;
	for (size_t i = 1; i <= n; i++, cases++) {
		e.text[0] = '\0';
		calls = 0;
		failing = i;
		if (attempt(&job, &want, &e) < 0 && !e.text[0])
			fail_msg("%s: allocation %zu failed, and nothing was said", name, i);
	}
	failing = 0;
	text_release(&want);
}

static void a_rewrite_without_memory_is_none_or_whole(void **state)
{
	(void)state;
	assert_true(ruleset_each_recorded(each_allocation_fails) > 0);
	assert_true(rewritten > 0);
	print_message("%zu failed allocations in %zu rulesets\n", cases, rewritten);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rewrite_without_memory_is_none_or_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
