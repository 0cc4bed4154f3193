#include "second.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "memfd.h"
#include "own.h"
#include "process.h"
#include "state.h"

#define PATIENCE_MS 10000
#define NAME "markshim-kernel"

/* Root's, if we are root; and of nobody else's to write. */
static bool trusted(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !(st.st_mode & (S_IWGRP | S_IWOTH)) &&
		(st.st_uid == 0 || st.st_uid == geteuid());
}

/* Beside this program, as it is built, or where it is installed. */
static int find_second(char path[static PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof(NAME));

	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n > 0) {
		memcpy(path + n, NAME, sizeof(NAME));
		if (trusted(path))
			return 0;
	}
	snprintf(path, PATH_MAX, "%s", LIBEXECDIR "/markshim/" NAME);
	return trusted(path) ? 0 : -1;
}

/* What it said of its failure, in one line. */
static int explain(struct err *e, const char *path, const struct text *said, int status)
{
	if (said->len)
		return err_set(e, "%.*s", (int)strcspn(said->at, "\n"), said->at);
	if (WIFEXITED(status))
		return err_set(e, "`%s' ended with status %d", path, WEXITSTATUS(status));
	return err_set(e, "`%s' was ended by signal %d", path, WTERMSIG(status));
}

bool second_runs(struct err *e)
{
	OWN_TEXT struct text said = { 0 };
	const char *const argv[] = { NAME, "--version", NULL };
	char path[PATH_MAX];
	const struct capture_job job = {
		.path = path, .argv = argv, .input = -1, .errors_too = true,
		.patience_ms = PATIENCE_MS,
	};
	int status;

	err_set(e, NAME " is not installed");
	if (find_second(path) < 0 || capture(&job, &said, 512, &status, e) < 0)
		return false;
	return !process_has_failed(status) || explain(e, path, &said, status) == 0;
}

/* False, with *e set, if there is no answer. */
static bool ask(const char *question, enum family f, enum backend b, struct text *answer,
		struct err *e)
{
	char path[PATH_MAX];
	const char *const argv[] = {
		NAME, question, backend_name(b == BACKEND_LEGACY ? b : BACKEND_NFT),
		f == FAMILY_IPV4 ? "4" : "6", NULL
	};
	const struct capture_job job = {
		.path = path, .argv = argv, .input = -1, .patience_ms = PATIENCE_MS,
	};
	int status;

	err_set(e, NAME " is not installed");
	if (find_second(path) < 0 || capture(&job, answer, 512, &status, e) < 0)
		return false;
	if (!answer->len && second_runs(e))
		err_set(e, NAME " said nothing");
	return answer->len > 0;
}

/*
 * What a verdict holds for: this boot, and the module as it is loaded now (its
 * directory in sysfs gets another inode with each loading; 0 if it is built in).
 */
static void validity(char text[static 64])
{
	char boot[STATE_BOOT_MAX];
	struct stat st = { 0 };

	state_boot(boot);
	if (stat("/sys/module/xt_mark", &st) < 0)
		st.st_ino = 0;
	snprintf(text, 64, "%s %llu", boot, (unsigned long long)st.st_ino);
}

static const char *const verdicts[] = { [ANSWER_NO] = "refuses", [ANSWER_YES] = "accepts" };

/* "BOOT INODE VERDICT", or nothing that is believed. */
static enum answer recall(const char *name, const char *valid)
{
	char text[STATE_TEXT_MAX], want[STATE_TEXT_MAX];

	if (state_read(name, text) < 0)
		return ANSWER_UNKNOWN;
	for (int a = ANSWER_NO; a <= ANSWER_YES; a++) {
		snprintf(want, sizeof(want), "%s %s\n", valid, verdicts[a]);
		if (!strcmp(text, want))
			return a;
	}
	return ANSWER_UNKNOWN;
}

static void remember(const char *name, const char *valid, enum answer a)
{
	char text[STATE_TEXT_MAX];

	snprintf(text, sizeof(text), "%s %s\n", valid, verdicts[a]);
	state_write(name, text);
}

enum answer second_masks(enum family f, enum backend b, struct err *e)
{
	OWN_TEXT struct text said = { 0 };
	char name[32], valid[64];
	enum answer a;

	snprintf(name, sizeof(name), "masks-%s-%s", family_name(f), backend_name(b));
	validity(valid);
	a = recall(name, valid);
	if (a != ANSWER_UNKNOWN)
		return a;
	/* without it there is no network namespace to be had, and no need to ask for one */
	if (!process_may(CAP_SYS_ADMIN)) {
		err_set(e, "no right to make a network namespace");
		return ANSWER_UNKNOWN;
	}
	if (!ask("trial", f, b, &said, e))
		return ANSWER_UNKNOWN;
	said.at[strcspn(said.at, "\n")] = '\0';
	for (a = ANSWER_NO; a <= ANSWER_YES; a++) {
		if (strcmp(said.at, verdicts[a]) != 0)
			continue;
		validity(valid);	/* the trial may have loaded the module */
		remember(name, valid, a);
		*e->text = '\0';
		return a;
	}
	err_set(e, "%s", said.at);
	return ANSWER_UNKNOWN;
}

int second_revision(enum family f, enum backend b)
{
	OWN_TEXT struct text said = { 0 };
	struct err e;
	char *end;
	long revision;

	if (!ask("revision", f, b, &said, &e))
		return -2;
	revision = strtol(said.at, &end, 10);
	return end != said.at && *end == '\n' && revision >= -1 && revision < 256 ? (int)revision
		: -2;
}

bool second_there(void)
{
	char path[PATH_MAX];

	return find_second(path) == 0;
}

/* Runs it with the lines as standard input. */
static int run(const char *command, enum family f, struct span lines, struct text *said,
	       struct err *e)
{
	const char *const argv[] = { NAME, command, f == FAMILY_IPV4 ? "4" : "6", NULL };
	static struct memfd input;
	struct capture_job job = { .argv = argv, .errors_too = true, .patience_ms = PATIENCE_MS };
	char path[PATH_MAX];
	OWN_TEXT struct text out = { 0 };
	int result, status;

	if (find_second(path) < 0)
		return err_set(e, NAME " is not installed");
	if (memfd_open(&input, e) < 0)
		return -1;
	job.path = path;
	job.input = input.fd;
	result = memfd_write(&input, lines, e) < 0 || memfd_seal(&input, e) < 0 ||
		capture(&job, &out, SIZE_MAX, &status, e) < 0 ||
		(!process_has_failed(status) && memfd_was_read(&input, e) < 0) ? -1 : 0;
	memfd_close(&input);
	if (result == 0 && process_has_failed(status))
		return explain(e, path, &out, status);
	/* of a failure only *e tells */
	if (result == 0)
		text_span(said, (struct span){ out.at, out.len });
	return result;
}

int second_make(enum family f, struct span lines, struct text *made, struct err *e)
{
	return run("make", f, lines, made, e);
}

int second_unmake(enum family f, struct span lines, struct text *removed, struct err *e)
{
	return run("unmake", f, lines, removed, e);
}

int second_sets(enum family f, struct text *lines, struct err *e)
{
	return run("sets", f, (struct span){ "", 0 }, lines, e);
}
