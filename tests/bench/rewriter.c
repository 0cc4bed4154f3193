/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rewriter FILE [SECONDS]: how fast the rewriter alone goes through a ruleset in memory, for a
 * kernel that lost MARK, as GB of input a second on one core.  What a run of the drop-in does is
 * done each time: the survey, and then all pieces.
 */
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "rewrite.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct span file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st) < 0)
		error(EXIT_FAILURE, errno, "%s", path);
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (at == MAP_FAILED)
		error(EXIT_FAILURE, errno, "%s", path);
	return (struct span){ at, (size_t)st.st_size };
}

/* Bytes of output. */
static size_t rewritten(const struct rewrite_job *job)
{
	static struct rewrite r;
	struct rewrite_survey survey;
	struct rewrite_piece p;
	size_t n = 0;
	struct err e;

	if (rewrite_survey(&survey, &r, job, &e) < 0)
		error(EXIT_FAILURE, 0, "%s", e.text);
	if (!survey.changed)
		error(EXIT_FAILURE, 0, "nothing was rewritten");
	rewrite_survey_release(&survey);
	rewrite_begin(&r, job);
	while (rewrite_next(&r, &p, &e) == 1)
		n += p.out.len;
	rewrite_end(&r);
	return n;
}

int main(int argc, char *argv[])
{
	const double seconds = argc > 2 ? atof(argv[2]) : 1;
	const struct kernel kernel = kernel_of_class(CLASS_TYPO);
	const struct form_order order = form_order_default();
	struct rewrite_job job = {
		.family = FAMILY_IPV6, .backend = BACKEND_LEGACY, .kernel = &kernel, .order = &order,
		.noflush = true,
	};
	size_t bytes = 0;
	double start;

	if (argc < 2)
		error(2, 0, "usage: rewriter FILE [SECONDS]");
	job.rules = file(argv[1]);
	rewritten(&job);
	for (start = now(); now() - start < seconds; bytes += job.rules.len)
		rewritten(&job);
	printf("%.3f\n", (double)bytes / (now() - start) / 1e9);
	return 0;
}
