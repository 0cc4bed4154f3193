#include "tried.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <unistd.h>

#include "look_legacy.h"
#include "own.h"
#include "probe.h"
#include "process.h"
#include "real_version.h"
#include "second.h"
#include "state.h"
#include "transaction.h"

#define FACT_MAX 96
#define LOCKED 4	/* RESOURCE_PROBLEM in xshared.h; what is refused ends with less */

static const struct mark_op sample = { 1, 1 }, whole_sample = { 1, UINT32_MAX };

/* The ruleset that has the form in it, and what it needs beside. */
static void sample_rules(struct text *parts, struct text *rules, const struct form *form,
			 enum family f)
{
	const struct mark_op op = form->ops == OPS_WHOLE ? whole_sample : sample;
	const char *table = table_name(form->tables & (1u << TABLE_MANGLE) ? TABLE_MANGLE
				       : TABLE_RAW);
	char chain[FORM_CHAIN_TEXT_MAX], name[HELPER_NAME_MAX];
	size_t len;

	helper_name(name, op);
	if (form->part == PART_SET)
		text_printf(parts, "set %x %x\n", op.value, op.mask);
	else if (form->part == PART_CHAIN)
		text_printf(parts, "chain %s %x %x\n", table, op.value, op.mask);
	form_chain(chain, &len, form, op, f, form->part != PART_CHAIN);
	text_printf(rules, "*%s\n%s-A OUTPUT -j %s\nCOMMIT\n", table, chain, name);
}

/* In the namespace that is ours alone. */
static enum answer attempt(const struct tried *t, const struct form *form, struct err *e)
{
	const struct rule quiet = { .waits = true, .wait = "2" };
	OWN_TEXT struct text parts = { 0 }, rules = { 0 }, said = { 0 };
	const enum family f = t->shim->applet.family;
	int status;

	sample_rules(&parts, &rules, form, f);
	if (rules.failed || parts.failed) {
		err_set(e, "no memory for a trial");
		return ANSWER_UNKNOWN;
	}
	if (parts.len && second_make(f, (struct span){ parts.at, parts.len }, &said, e) < 0)
		return ANSWER_NO;
	text_release(&said);
	if (transaction_run(t->shim, t->backend, &quiet, (struct span){ rules.at, rules.len }, &said,
			    &status, e) < 0)
		return ANSWER_UNKNOWN;
	if (!process_has_failed(status))
		return ANSWER_YES;
	err_set(e, "%.*s", said.at ? (int)strcspn(said.at, "\n") : 0, said.at ? said.at : "");
	return WIFEXITED(status) && WEXITSTATUS(status) < LOCKED ? ANSWER_NO : ANSWER_UNKNOWN;
}

/* The answer is the exit status, and why goes through the pipe. */
static __attribute__((noreturn)) void child(const struct tried *t, const struct form *form, int to)
{
	enum answer a = ANSWER_UNKNOWN;
	struct err e = { "" };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET) < 0)
		err_sys(&e, "a network namespace for a trial");
	else
		a = attempt(t, form, &e);
	if (write(to, e.text, strlen(e.text)) < 0)
		a = ANSWER_UNKNOWN;
	_exit((int)a);
}

static enum answer run_trial(const struct tried *t, const struct form *form, struct err *e)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, came;
	int ends[2], status = 0;
	ssize_t n = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return ANSWER_UNKNOWN;
	sigaction(SIGCHLD, &usual, &came);
	pid = fork();
	if (pid == 0)
		child(t, form, ends[1]);
	close(ends[1]);
	if (pid > 0) {
		n = read(ends[0], e->text, sizeof(e->text) - 1);
		process_wait(pid, &status, 0);
	}
	close(ends[0]);
	sigaction(SIGCHLD, &came, NULL);
	e->text[n > 0 ? n : 0] = '\0';
	return pid > 0 && WIFEXITED(status) ? (enum answer)WEXITSTATUS(status) : ANSWER_UNKNOWN;
}

/*
 * A fact's name in /run/markshim, and its value for this boot and the real program as it is
 * now: another may be built, or find its extensions, otherwise.
 */
static void fact(char name[static FACT_MAX], char value[static STATE_TEXT_MAX], const struct tried *t,
		 const struct form *form)
{
	char boot[STATE_BOOT_MAX];
	struct stat st = { 0 };

	state_boot(boot);
	stat(t->shim->real.path, &st);
	snprintf(name, FACT_MAX, "form-%s-%d-%s-%s-%llu", form->name, (int)(form - forms),
		 family_name(t->shim->applet.family), backend_name(t->backend),
		 (unsigned long long)st.st_ino);
	snprintf(value, STATE_TEXT_MAX, "%s %llu %lld works\n", boot,
		 (unsigned long long)st.st_dev, (long long)st.st_mtime);
}

static enum answer find_out(struct tried *t, const struct form *form, struct err *e)
{
	char name[FACT_MAX], known[STATE_TEXT_MAX], value[STATE_TEXT_MAX];
	enum answer a;

	if (form->part != PART_NONE && !second_there()) {
		err_set(e, "markshim-kernel is not installed");
		return ANSWER_NO;
	}
	fact(name, value, t, form);
	if (state_read(name, known) == 0 && !strcmp(known, value))
		return ANSWER_YES;
	a = run_trial(t, form, e);
	if (a == ANSWER_YES)
		state_write(name, value);
	return a;
}

static bool works(struct form_asker *a, const struct form *form)
{
	struct tried *t = (struct tried *)a;
	const size_t i = (size_t)(form - forms);

	if (t->works[i] == ANSWER_UNKNOWN) {
		t->works[i] = find_out(t, form, &t->why[i]);
		/* not to be asked again, and no reason against it */
		if (t->works[i] == ANSWER_UNKNOWN)
			t->works[i] = ANSWER_YES;
	}
	return t->works[i] == ANSWER_YES;
}

/* An assumed kernel has all that its class has; what makes a form's parts may be missing. */
static bool could_be_made(struct form_asker *a, const struct form *form)
{
	struct tried *t = (struct tried *)a;
	const size_t i = (size_t)(form - forms);

	if (t->works[i] == ANSWER_UNKNOWN)
		t->works[i] = form->part == PART_NONE || second_runs(&t->why[i]) ? ANSWER_YES
			: ANSWER_NO;
	return t->works[i] == ANSWER_YES;
}

static enum answer has(struct form_asker *a, enum xt x)
{
	struct tried *t = (struct tried *)a;
	const enum family f = t->shim->applet.family;
	enum answer *answer = &t->kernel.has[f][x];
	struct probe p;

	if (*answer != ANSWER_UNKNOWN)
		return *answer;
	/* since 1.8.8 iptables-nft logs by nftables' own means */
	if (x == XT_NFLOG && t->backend == BACKEND_NFT &&
	    real_version_number(t->shim->real.path, t->shim->name) >= REAL_VERSION(1, 8, 8))
		return *answer = ANSWER_YES;
	probe_begin(&p, t->backend, 1);
	*answer = probe_answer(probe_ask(&p, f, x, xt_names[x].revision));
	probe_end(&p);
	return *answer;
}

/* The nft variants of iptables prefer the target to the chain. */
static bool hides(struct form_asker *a, enum table t, enum xt target)
{
	struct tried *tried = (struct tried *)a;

	if (tried->backend != BACKEND_LEGACY)
		return false;
	if (!tried->named[t].known) {
		tried->named[t].known = true;
		look_legacy_targets(tried->shim->applet.family, t, tried->named[t].as);
	}
	return tried->named[t].as[target];
}

struct form_asker *tried_begin(struct tried *t, const struct shim *s, enum backend backend,
			       const struct asked *asked)
{
	*t = (struct tried){
		.asker = { .has = has, .works = asked->assumed ? could_be_made : works,
			   .hides = hides },
		.shim = s,
		.backend = backend,
		.kernel = asked->kernel,
	};
	return &t->asker;
}

void tried_without_parts(struct tried *t, const struct err *why)
{
	for (size_t i = 0; i < FORM_COUNT; i++)
		if (forms[i].part != PART_NONE) {
			t->works[i] = ANSWER_NO;
			t->why[i] = *why;
		}
}
