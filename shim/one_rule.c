#include "one_rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "capture.h"
#include "cmdline.h"
#include "delete_all.h"
#include "failed.h"
#include "feed.h"
#include "look.h"
#include "loses.h"
#include "own.h"
#include "parts_lock.h"
#include "process.h"
#include "read_back.h"
#include "record.h"
#include "second.h"
#include "tally.h"
#include "transaction.h"
#include "tried.h"

#define ATTEMPTS 5
#define SHOWN_MAX 65536	/* bytes that -v may print */
#define LOCKED 4	/* RESOURCE_PROBLEM in xshared.h: another program holds the lock */

struct one_rule {
	struct shim *shim;
	struct cmdline command;
	struct asked asked;
	struct tried tried;
	struct look look;
	struct rewrite_change change;
	char helper[HELPER_NAME_MAX];
	char **argv;			/* as it is to be run; to be freed */
	struct text made;		/* what was made for the form beside rules */
	bool loaded;			/* and its rules were */
	int parts;			/* what parts_hold() gave */
};

/* Whatever goes wrong: the real program gets what the caller gave. */
static int give_up(struct one_rule *x, const struct err *why)
{
	log_note(&x->shim->log, LOG_ERR, why->text);
	tally_failure();
	return shim_exec(x->shim);
}

/* For the log: the words of a command line, in quotes where they have blanks. */
static void join(struct text *to, char *const argv[])
{
	for (size_t i = 1; argv[i]; i++)
		text_printf(to, strpbrk(argv[i], " \t\n") || !*argv[i] ? "%s\"%s\"" : "%s%s",
			    i > 1 ? " " : "", argv[i]);
}

/* What is unsupported fails: it is a rule that the kernel refuses. */
static void note_stuck(const struct one_rule *x)
{
	char why[FAILED_WHY_MAX];

	failed_why(why, &x->change, x->shim->applet.family);
	failed_note(x->shim, 0, why);
}

static void count(const struct one_rule *x)
{
	const uint64_t n[TALLY_KEYS] = {
		[TALLY_RUNS] = 1,
		[TALLY_CHANGED] = x->change.fate == REWRITE_CHANGED &&
			x->shim->conf.mode == MODE_REWRITE,
		[TALLY_STUCK] = x->change.fate == REWRITE_STUCK,
	};

	tally_add(n);
	if (x->change.fate == REWRITE_STUCK)
		note_stuck(x);
}

static void record(struct one_rule *x)
{
	OWN_TEXT struct text was = { 0 }, is = { 0 };

	/* asking changes nothing */
	if (x->command.rule.command == 'C')
		return;
	count(x);
	join(&was, x->shim->argv);
	join(&is, x->argv ? x->argv : x->shim->argv);
	if (was.failed || is.failed)
		return;
	x->change.was = (struct span){ was.at, was.len };
	x->change.is = (struct span){ is.at, is.len };
	record_change(x->shim, &x->asked, &x->change);
}

/* What the form needs beside its rules, or instead of them. */
static int make_part(struct one_rule *x, struct text *made, struct err *e)
{
	const struct mark_op op = x->change.op;
	const bool set = x->change.form->part == PART_SET;
	char line[64];

	snprintf(line, sizeof(line), "%s%s %" PRIx32 " %" PRIx32 "\n", set ? "set" : "chain ",
		 set ? "" : table_name(x->change.table), op.value, op.mask);
	return second_make(x->shim->applet.family, span_of(line), made, e);
}

static int load_helper(struct one_rule *x, struct err *e)
{
	OWN_TEXT struct text said = { 0 };
	char rules[CMDLINE_RULES_MAX];
	int status;

	cmdline_helper_rules(rules, &x->change, x->shim->applet.family);
	if (transaction_run(x->shim, x->look.backend, &x->command.rule, span_of(rules), &said,
			    &status, e) < 0)
		return -1;
	if (!process_has_failed(status))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == LOCKED) {
		fputs(said.at ? said.at : "", stderr);
		return LOCKED;
	}
	return err_set(e, "the chain %s could not be made: %.*s", x->helper,
		       said.at ? (int)strcspn(said.at, "\n") : 0, said.at ? said.at : "");
}

/*
 * Makes the helper chain, or fills it anew.  Returns 0, or -1 with *e set; or the
 * exit status to end with where the real program would have got no further either.
 */
static int make_helper(struct one_rule *x, struct err *e)
{
	const enum form_part part = x->change.form->part;

	if (part != PART_NONE && make_part(x, &x->made, e) < 0)
		return -1;
	x->loaded = part != PART_CHAIN;
	return part == PART_CHAIN ? 0 : load_helper(x, e);
}

/*
 * The command has failed, and nobody needs what was made for it.  A helper chain that
 * has come to use in the meantime can't be deleted, and then is not emptied either.
 */
static void unmake(struct one_rule *x)
{
	OWN_TEXT struct text removed = { 0 }, said = { 0 };
	OWN_FD int lock = -1;
	char rules[128];
	struct err e;
	int status;

	if (!(x->loaded || x->made.len) || !parts_give_up(&x->parts, &lock))
		return;
	snprintf(rules, sizeof(rules), "*%s\n-F %s\n-X %s\nCOMMIT\n", table_name(x->change.table),
		 x->helper, x->helper);
	if (x->loaded)
		transaction_run(x->shim, x->look.backend, &x->command.rule, span_of(rules), &said,
				&status, &e);
	if (x->made.len && second_unmake(x->shim->applet.family,
					 (struct span){ x->made.at, x->made.len }, &removed, &e) < 0)
		log_note(&x->shim->log, LOG_ERR, e.text);
}

/* Does the real program print the rule?  iptables-nft 1.8.7 does so with -C in any case. */
static bool prints_rule(const struct one_rule *x)
{
	const struct rule *rule = &x->command.rule;

	return rule->verbose || (rule->command == 'C' && x->look.backend == BACKEND_NFT);
}

static void keep(void *kept, struct text *to, struct span line)
{
	(void)to;
	text_span(kept, line);
}

/*
 * The changed command, with its rule (-v) shown as the caller would have seen it.
 * What it says on standard error waits in `said`.
 */
static int run_quietly(struct one_rule *x, struct text *said, int *status, struct err *e)
{
	struct readback readback = { .shows = true };
	const struct stream_filter outputs[] = {
		{ .fd = STDERR_FILENO, .say = keep, .state = said },
		read_back_filter(&readback),
	};
	const struct feed_job job = {
		.real = &x->shim->real, .argv = x->argv, .rules = -1, .filters = outputs,
		.n_filters = prints_rule(x) ? 2 : 1,
	};

	return feed_real(&job, status, e);
}

static bool is_absent(const struct one_rule *x)
{
	return look_chain(x->look, x->change.table, x->helper) == ANSWER_NO;
}

static bool is_filled(const struct one_rule *x)
{
	return look_rules(x->look, x->change.table, x->helper) == ANSWER_YES;
}

/* Returns as make_helper() does.  A set may have been flushed, which only making it can tell. */
static int make_sure(struct one_rule *x, struct err *e)
{
	if (!is_filled(x))
		return make_helper(x, e);
	return x->change.form->part == PART_SET ? make_part(x, &x->made, e) : 0;
}

static struct rewrite_change choose(struct one_rule *x)
{
	const struct shim *s = x->shim;
	const struct form_ground g = {
		.order = &s->conf.forms,
		.kernel = &x->asked.kernel,
		.family = s->applet.family,
		.backend = x->look.backend,
		.exact_only = s->conf.refuse_inexact,
		.keeps_chains = true,
		.asker = &x->tried.asker,
	};

	return cmdline_change(&x->command, &g);
}

/* As make_sure(); by a form that needs no part, if one can't be made. */
static int make_somehow(struct one_rule *x, struct err *e)
{
	int made = make_sure(x, e);

	if (made >= 0 || x->change.form->part == PART_NONE)
		return made;
	log_note(&x->shim->log, LOG_WARNING, e->text);
	tried_without_parts(&x->tried, e);
	x->change = choose(x);
	return x->change.form ? make_sure(x, e) : -1;
}

/*
 * Add, insert, replace: the helper chain has to be there and filled, before and
 * after, since somebody may empty or delete all chains in the meantime.  Where that
 * made the command fail it is given again.
 */
static int add(struct one_rule *x)
{
	OWN_TEXT struct text said = { 0 };
	int made, status, tries = ATTEMPTS;
	struct err e;

	x->parts = parts_hold();
	do {
		made = make_somehow(x, &e);
		if (!made && tries == ATTEMPTS)
			record(x);
		text_release(&said);
		if (made < 0 || (!made && run_quietly(x, &said, &status, &e) < 0)) {
			unmake(x);
			return give_up(x, &e);
		}
		if (made)
			return made;
	} while (process_has_failed(status) && --tries &&
		 is_absent(x));
	if (!process_has_failed(status) && !is_filled(x) && make_helper(x, &e) < 0)
		log_note(&x->shim->log, LOG_ERR, e.text);
	if (process_has_failed(status)) {
		tally_failure();
		unmake(x);
	} else {
		failed_forget(x->shim);
	}
	fputs(said.at ? said.at : "", stderr);
	log_end(&x->shim->log);
	feed_end_like(status);
}

/* Check, delete: one rule that can't be there has the real program say that there is none. */
static int find_absent(struct one_rule *x)
{
	const char *const absent[] = { "--save-mark", "-m", "comment", "--comment", x->helper, NULL };
	/* legacy has other words for a rule whose target is no verdict */
	bool connmark = x->asked.kernel.has[x->shim->applet.family][XT_CONNMARK] == ANSWER_YES;
	const struct readback readback = { .shows = true, .absent = x->helper };
	struct err e;

	free(x->argv);
	x->argv = connmark ? cmdline_argv(&x->command, "CONNMARK", absent)
		: cmdline_argv(&x->command, "RETURN", absent + 1);
	if (!x->argv) {
		err_set(&e, "no memory for the arguments");
		return give_up(x, &e);
	}
	if (!prints_rule(x))
		return shim_exec_as(x->shim, x->argv);
	read_back(x->shim, x->argv, readback, NULL, &e);
	return give_up(x, &e);
}

/*
 * Check, delete.  Without the helper chain there is no such rule; nor if a clean or a flush
 * takes it before the real program looks, which then has another status for it.
 */
static int find(struct one_rule *x)
{
	OWN_TEXT struct text said = { 0 };
	struct err e;
	int status;

	if (is_absent(x))
		return find_absent(x);
	record(x);
	if (run_quietly(x, &said, &status, &e) < 0)
		return give_up(x, &e);
	if (process_has_failed(status) && is_absent(x))
		return find_absent(x);
	fputs(said.at ? said.at : "", stderr);
	log_end(&x->shim->log);
	feed_end_like(status);
}

/*
 * The kernel takes the rule, or nothing is known of it.  Where it did not when a rule
 * was made, that jumps to a helper chain still, and is found by it.
 */
static int find_old(struct one_rule *x)
{
	const struct capture_job job = {
		.path = x->shim->real.path, .argv = (const char *const *)x->argv, .input = -1,
	};
	OWN_TEXT struct text said = { 0 }, shown = { 0 };
	struct readback readback = { .shows = true };
	struct span rest, line;
	struct err e;
	int status;

	if (!strchr("CD", x->command.rule.command) ||
	    look_chain(x->look, x->command.table, x->helper) != ANSWER_YES ||
	    capture(&job, &said, SHOWN_MAX, &status, &e) < 0 || process_has_failed(status))
		return shim_exec(x->shim);
	rest = (struct span){ said.at, said.len };
	while (lexer_line(&rest, &line))
		readback_line(&readback, &shown, line);
	fputs(shown.at ? shown.at : "", stdout);
	return 0;
}

/* A rule that is there is found by its helper chain, though no form would be used for it now. */
static bool is_there_anyway(struct one_rule *x)
{
	return (x->change.reason == REWRITE_NO_FORM || x->change.reason == REWRITE_HIDDEN) &&
		strchr("CD", x->command.rule.command) &&
		look_chain(x->look, x->change.table, x->helper) == ANSWER_YES;
}

static int mark_rule(struct one_rule *x)
{
	struct shim *s = x->shim;
	struct err e;

	x->look = (struct look){ .backend = shim_backend(s), .family = s->applet.family };
	helper_name(x->helper, x->command.rule.op);
	x->argv = cmdline_argv(&x->command, x->helper, (const char *const[]){ NULL });
	if (!x->argv) {
		err_set(&e, "no memory for the arguments");
		return give_up(x, &e);
	}
	loses_mark(s, x->look.backend, &x->asked);
	tried_begin(&x->tried, s, x->look.backend, &x->asked);
	x->change = choose(x);
	if (x->change.fate == REWRITE_KEPT)
		return s->conf.mode == MODE_REWRITE ? find_old(x) : shim_exec(s);
	if (x->change.fate == REWRITE_STUCK && is_there_anyway(x))
		x->change.fate = REWRITE_CHANGED;
	if (x->change.fate == REWRITE_STUCK || s->conf.mode != MODE_REWRITE) {
		record(x);
		return shim_exec(s);
	}
	return strchr("CD", x->command.rule.command) ? find(x) : add(x);
}

/*
 * -L and -S, but not of a helper chain by its name: who knows that wants to see it.
 * And not -vv, which is about what the kernel really has.
 */
static int list(struct one_rule *x)
{
	const struct rule *rule = &x->command.rule;
	struct look l = { .backend = shim_backend(x->shim), .family = x->shim->applet.family };
	/* number; packets and bytes */
	struct readback readback = {
		.lists = rule->command == 'L',
		.table = x->command.table,
		.before_target = rule->numbers + (rule->verbose ? 2 : 0),
	};
	const char *zero[] = { x->shim->argv[0], "-w", "-Z", "-t", table_name(x->command.table), NULL };
	struct mark_op op;
	struct err e;

	if (x->command.table == TABLE_UNKNOWN || rule->verbose > 1 ||
	    (rule->chain && helper_parse(&op, rule->chain, strlen(rule->chain))) ||
	    look_helpers(l, x->command.table) != ANSWER_YES)
		return shim_exec(x->shim);
	read_back(x->shim, x->shim->argv, readback, rule->zeroes ? zero : NULL, &e);
	return give_up(x, &e);
}

int one_rule_main(struct shim *s)
{
	static struct one_rule x;
	const struct rule *rule = &x.command.rule;

	x.shim = s;
	if (cmdline_read(&x.command, s->argc, s->argv, s->applet.family) < 0)
		return shim_exec(s);
	if (cmdline_marks(&x.command))
		return mark_rule(&x);
	if (rule->command == 'L' || rule->command == 'S')
		return list(&x);
	if (rule->command == 'X' && !rule->chain && s->conf.mode == MODE_REWRITE)
		return delete_all(s, &x.command);
	return shim_exec(s);
}
