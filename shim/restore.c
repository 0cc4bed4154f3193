#include "restore.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failed.h"
#include "feed.h"
#include "input.h"
#include "line_map.h"
#include "loses.h"
#include "memfd.h"
#include "own.h"
#include "parts_lock.h"
#include "process.h"
#include "record.h"
#include "restore_args.h"
#include "rewrite.h"
#include "second.h"
#include "tally.h"
#include "tried.h"

struct restore {
	struct shim *shim;
	struct restore_args args;
	struct asked asked;
	struct tried tried;
	struct input input;
	struct line_map map;
	struct record_run run;
	struct rewrite rewrite;
	struct memfd out;
	bool feeds;			/* the real program reads `out`, not the caller's own */
	int parts;			/* what parts_hold() gave */
	uint64_t fed;			/* process_now() when the real program began */
	struct text made;		/* before the rules; what was not there before */
	size_t line;			/* of the first unsupported rule; 0: there is none */
	char why[FAILED_WHY_MAX];
};

/* The arguments without the file's name, for rules that come by standard input. */
static void drop_file(const struct restore *x, char *argv[])
{
	for (int i = x->args.file_index; x->args.file && i < x->shim->argc; i++)
		argv[i] = argv[i + 1];
}

/* The caller's bytes in a file of their own, at the standard input. */
static int keep_original(struct restore *x, struct err *e)
{
	memfd_close(&x->out);
	if (!x->input.whole)
		return err_set(e, "the rules were not read to their end");
	if (memfd_open(&x->out, e) < 0 || memfd_write(&x->out, input_span(&x->input), e) < 0 ||
	    memfd_seal(&x->out, e) < 0)
		return -1;
	return dup2(x->out.fd, STDIN_FILENO) < 0 ? err_sys(e, "the rules as standard input") : 0;
}

/* Whatever went wrong: the real program gets what the caller fed. */
static int give_back(struct restore *x, const struct err *why)
{
	struct err e;

	log_note(&x->shim->log, LOG_ERR, why->text);
	tally_failure();
	if (x->input.consumed) {
		if (keep_original(x, &e) < 0 && feed_replay(&x->input, &e) < 0) {
			fprintf(stderr, "markshim: %s: %s; nothing was applied\n",
				x->shim->name, e.text);
			return EXIT_FAILURE;
		}
		drop_file(x, x->shim->argv);
	}
	return shim_exec(x->shim);
}

/* With the caller's line numbers. */
static void say_message(void *map, struct text *to, struct span line)
{
	if (line.len)
		line_map_message(map, to, line);
}

/* What was made for rules that did not load goes, unless something else uses it by now, or will. */
static void unmake(struct restore *x, const struct text *made)
{
	OWN_TEXT struct text removed = { 0 };
	OWN_FD int lock = -1;
	struct err e;

	if (made->len && parts_give_up(&x->parts, &lock) &&
	    second_unmake(x->shim->applet.family, (struct span){ made->at, made->len }, &removed,
			  &e) < 0)
		log_note(&x->shim->log, LOG_ERR, e.text);
}

/*
 * Chains that could not be there before the rules.  Packets in between have passed
 * unmarked; at the most since the real program began.  A chain that the rules did not
 * bring is of a table that was not loaded, and goes again.
 */
static void fill(struct restore *x)
{
	const struct text *after = &x->run.survey.parts.after;
	OWN_TEXT struct text made = { 0 };
	struct shim *s = x->shim;
	struct err e;

	if (x->parts < 0)
		x->parts = parts_hold();
	if (second_make(s->applet.family, (struct span){ after->at, after->len }, &made, &e) < 0) {
		log_note(&s->log, LOG_ERR, e.text);
		if (process_has_failed(x->run.status))
			return;
		fprintf(stderr, "markshim: %s: the rules are loaded, but do not mark yet: %s\n",
			s->name, e.text);
		x->run.status = W_EXITCODE(EXIT_FAILURE, 0);
		return;
	}
	unmake(x, &made);
	/* as many as there were to be filled: nothing has been loaded */
	if (made.len >= after->len)
		return;
	err_set(&e, "helper chains were filled after the rules had been loaded: empty for at most "
		"%" PRIu64 " us", (process_now() - x->fed) / 1000);
	log_note(&s->log, LOG_NOTICE, e.text);
}

/* It must not look as if rules were loaded that were never read. */
static void check_read(struct restore *x)
{
	struct shim *s = x->shim;
	struct err e, why;

	if (!x->feeds || process_has_failed(x->run.status) || memfd_was_read(&x->out, &why) == 0)
		return;
	err_set(&e, "the real program `%s': %s", s->real.path, why.text);
	fprintf(stderr, "markshim: %s: %s\n", s->name, e.text);
	log_note(&s->log, LOG_ERR, e.text);
	x->run.status = W_EXITCODE(EXIT_FAILURE, 0);
}

/* When the real program has ended. */
static void take_status(void *restore, int status)
{
	struct restore *x = restore;

	x->run.status = status;
	x->run.real_ns = process_now() - x->fed;
	check_read(x);
}

/* The same; a table whose COMMIT came before it failed is loaded. */
static void finish_parts(void *restore, int status)
{
	struct restore *x = restore;

	take_status(x, status);
	if (process_has_failed(x->run.status) || x->args.test)
		unmake(x, &x->made);
	if (x->run.survey.parts.after.len && !x->args.test)
		fill(x);
}

/* Runs the real program.  Returns 0, or -1 with *e set if it was not run. */
static int run_fed(struct restore *x, struct feed_job job, struct err *e)
{
	const struct shim *s = x->shim;
	OWN_MEM char **argv = calloc((size_t)s->argc + 1, sizeof(*argv));
	int status;

	if (!argv)
		return err_set(e, "no memory for the arguments");
	memcpy(argv, s->argv, (size_t)s->argc * sizeof(*argv));
	if (x->feeds)
		drop_file(x, argv);

	job.real = &s->real;
	job.argv = argv;
	job.rules = x->feeds ? x->out.fd : -1;
	x->fed = process_now();
	job.state = x;
	return feed_real(&job, &status, e);
}

/* Whoever's fault it is: what callers feed does not load here, until it does. */
static void note_outcome(const struct restore *x)
{
	char status[FAILED_WHY_MAX];

	if (x->args.test)
		return;
	if (!process_has_failed(x->run.status)) {
		failed_forget(x->shim);
		return;
	}
	snprintf(status, sizeof(status), WIFSIGNALED(x->run.status) ? "the real program was ended by "
		 "signal %d" : "the real program ended with status %d", WIFSIGNALED(x->run.status) ?
		 WTERMSIG(x->run.status) : WEXITSTATUS(x->run.status));
	failed_note(x->shim, x->line, x->line ? x->why : status);
}

static __attribute__((noreturn)) void end_run(struct restore *x)
{
	record_run(x->shim, &x->asked, &x->run);
	note_outcome(x);
	feed_end_like(x->run.status);
}

/* Nothing is changed: a file is the child's to read, and what came by a pipe is in the memfd. */
static int pass_original(struct restore *x)
{
	struct err e;

	x->feeds = x->input.consumed;
	if (run_fed(x, (struct feed_job){ .then = take_status }, &e) < 0)
		return give_back(x, &e);
	end_run(x);
}

static int run_rewritten(struct restore *x)
{
	const struct stream_filter messages = {
		.fd = STDERR_FILENO, .say = say_message, .state = &x->map,
	};
	const struct feed_job job = { .filters = &messages, .n_filters = 1, .then = finish_parts };
	struct err e;

	x->feeds = true;
	if (run_fed(x, job, &e) < 0) {
		unmake(x, &x->made);
		return give_back(x, &e);
	}
	/* the real program would have read it */
	if (x->input.fd == STDIN_FILENO && !x->input.consumed)
		lseek(STDIN_FILENO, (off_t)x->input.len, SEEK_CUR);
	end_run(x);
}

/* The bytes that the real program shall get: the caller's own if nothing is to change. */
static int write_piece(struct restore *x, const struct rewrite_piece *p, bool rewritten,
		       struct err *e)
{
	if (rewritten && line_map_add(&x->map, p) < 0)
		return err_set(e, "no memory for line numbers");
	return memfd_write(&x->out, rewritten ? p->out : p->in, e);
}

static void keep_first_stuck(struct restore *x, const struct rewrite_change *c)
{
	if (x->line || c->fate != REWRITE_STUCK)
		return;
	x->line = c->line;
	failed_why(x->why, c, x->shim->applet.family);
}

/* Of a ruleset with a stuck rule nothing is changed, and only such rules are told of. */
static void tell_piece(struct restore *x, const struct rewrite_piece *p)
{
	if (p->change)
		keep_first_stuck(x, p->change);
	if (p->change && (!x->run.survey.stuck || p->change->fate == REWRITE_STUCK))
		record_change(x->shim, &x->asked, p->change);
}

static int write_rules(struct restore *x, const struct rewrite_job *job, bool rewritten,
		       struct err *e)
{
	size_t pieces = x->run.survey.pieces;
	struct span rest = job->rules;
	struct rewrite_piece p;
	int more = 1;

	if (memfd_open(&x->out, e) < 0)
		return -1;
	rewrite_begin(&x->rewrite, job);
	while (pieces-- && (more = rewrite_next(&x->rewrite, &p, e)) == 1) {
		tell_piece(x, &p);
		if (write_piece(x, &p, rewritten, e) < 0) {
			more = -1;
			break;
		}
		rest = span_from(rest, p.in.len);
	}
	rewrite_end(&x->rewrite);
	return more < 0 || memfd_write(&x->out, rest, e) < 0 ? -1 : memfd_seal(&x->out, e);
}

static bool is_rewritten(const struct restore *x)
{
	const struct rewrite_survey *survey = &x->run.survey;

	return survey->differs && !survey->stuck && x->shim->conf.mode == MODE_REWRITE;
}

static int make_parts(struct restore *x, struct err *e)
{
	const struct text *before = &x->run.survey.parts.before;

	if (!before->len)
		return 0;
	x->parts = parts_hold();
	return second_make(x->shim->applet.family, (struct span){ before->at, before->len },
			   &x->made, e);
}

/* Looks through the rules and makes what they need first; without that, if it can't be made. */
static int prepare(struct restore *x, const struct rewrite_job *job, struct err *e)
{
	struct rewrite_survey *survey = &x->run.survey;

	if (rewrite_survey(survey, &x->rewrite, job, e) < 0)
		return -1;
	if (!is_rewritten(x) || make_parts(x, e) == 0)
		return 0;
	log_note(&x->shim->log, LOG_WARNING, e->text);
	tried_without_parts(&x->tried, e);
	rewrite_survey_release(survey);
	return rewrite_survey(survey, &x->rewrite, job, e);
}

/* Rewrites what was read, and runs the real program on what it shall get. */
static int rewrite_rules(struct restore *x)
{
	const struct shim *s = x->shim;
	const struct rewrite_job job = {
		.rules = input_span(&x->input),
		.family = s->applet.family,
		.kernel = &x->asked.kernel,
		.backend = x->run.backend,
		.order = &s->conf.forms,
		.exact_only = s->conf.refuse_inexact,
		.asker = tried_begin(&x->tried, s, x->run.backend, &x->asked),
		.noflush = x->args.noflush,
		.nflog_by_target = !x->asked.assumed || x->run.backend == BACKEND_LEGACY,
		.drop_nflog = s->conf.drop_unsupported,
		.only_table = x->args.table,
	};
	struct rewrite_survey *survey = &x->run.survey;
	bool rewritten;
	struct err e;

	if (prepare(x, &job, &e) < 0)
		return give_back(x, &e);
	if (survey->stuck)
		survey->changed = 0;
	rewritten = is_rewritten(x);
	if (write_rules(x, &job, rewritten, &e) < 0) {
		unmake(x, &x->made);
		return give_back(x, &e);
	}
	return rewritten ? run_rewritten(x) : pass_original(x);
}

static int restore_rules(struct restore *x)
{
	OWN_FD int file = -1;
	struct err e;

	if (x->args.file) {
		file = open(x->args.file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (file < 0)
			return shim_exec(x->shim);	/* which has its own words for it */
	}
	if (input_read(&x->input, file < 0 ? STDIN_FILENO : file, &e) < 0)
		return give_back(x, &e);
	return rewrite_rules(x);
}

int restore_main(struct shim *s)
{
	static struct restore x;	/* 200 kB, most of which is never touched */

	x.shim = s;
	x.out.fd = x.parts = -1;
	x.args = restore_args_parse(s->argc, s->argv);
	if (x.args.action != RESTORE_READS)
		return shim_exec(s);
	x.run.backend = shim_backend(s);
	if (!loses_mark(s, x.run.backend, &x.asked))
		return shim_exec(s);
	return restore_rules(&x);
}
