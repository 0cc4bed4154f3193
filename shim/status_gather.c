#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "look.h"
#include "own.h"
#include "real_version.h"
#include "saved.h"
#include "second.h"
#include "shim.h"
#include "status.h"
#include "tried.h"
#include "unused.h"

/* "btime SECONDS" in /proc/stat, which has long lines before it. */
static int64_t boot_time(void)
{
	FILE *f = fopen("/proc/stat", "re");
	char line[256];
	int64_t t = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "btime %" SCNd64, &t) == 1)
			break;
	if (f)
		fclose(f);
	return t;
}

/* Emptied by somebody, or not filled yet. */
static bool is_empty(struct look l, const struct unused_chain *chain)
{
	char name[HELPER_NAME_MAX];

	helper_name(name, chain->op);
	return look_rules(l, chain->table, name) == ANSWER_NO;
}

static void count(struct status_rules *r, struct look l, const struct unused *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->at[i].table < TABLE_COUNT) {
			r->jumps[u->at[i].table] += u->at[i].jumps;
			r->unused[u->at[i].table] += !u->at[i].jumps;
			r->empty += u->at[i].jumps && is_empty(l, &u->at[i]);
		}
}

/* A process is run only where there is something to count. */
static void count_rules(struct status_rules *r, const struct saved_program *p, const struct conf *c)
{
	const struct look l = { .backend = p->backend, .family = p->applet.family };
	enum answer any = look_helpers(l, TABLE_UNKNOWN);
	OWN_TEXT struct text saved = { 0 };
	struct unused u;
	struct err e;

	r->backend = p->backend;
	r->known = any == ANSWER_NO;
	if (any != ANSWER_YES || saved_read(&saved, p, c, &e) < 0)
		return;
	r->known = unused_find(&u, (struct span){ saved.at, saved.len }, p->applet.family) == 0;
	count(r, l, &u);
	unused_release(&u);
}

/* By what services have for PATH, or by the caller's own. */
static void find_order(struct status_family *f, const char *name)
{
	OWN_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *mine = secure_getenv("PATH");
	char found[PATH_MAX];

	f->order = path_order_find(root, PATH_ORDER_DEFAULT, name, f->runs);
	if (f->order != PATH_ORDER_MARKSHIM && mine &&
	    path_order_find(root, mine, name, found) == PATH_ORDER_MARKSHIM) {
		f->order = PATH_ORDER_MARKSHIM;
		memcpy(f->runs, found, sizeof(found));
	}
}

/* Why kube-proxy's rules would not load, rewritten or not; NULL if they would. */
static const char *cannot_help(const struct status_family *f, const struct conf *c)
{
	const struct shim s = {
		.applet = { .family = f->family, .kind = APPLET_RESTORE }, .conf = *c, .real = f->real,
	};
	static struct tried t;
	const struct form_ground g = {
		.order = &c->forms, .kernel = &f->asked.kernel, .family = f->family,
		.backend = f->backend, .exact_only = c->refuse_inexact,
		.asker = tried_begin(&t, &s, f->backend, &f->asked),
	};

	if (form_has(&g, XT_MATCH_MARK) == ANSWER_NO)
		return "so is the match mark, which markshim has nothing for";
	return form_choose(&g, TABLE_NAT, (struct mark_op){ 0x4000, 0x4000 }) ? NULL
		: "there is no form for them in table nat: see markshim probe";
}

void status_activation(char text[static FRONT_COMMAND_MAX], const struct status_family *f)
{
	/* the alternatives have done what they can */
	if (f->front.active)
		snprintf(text, FRONT_COMMAND_MAX, "move %s out of the way", f->runs);
	else
		front_activation(text, &f->front);
}

/* What keeps the rules of a kernel that refuses them from being rewritten; "" if nothing does. */
static void judge_loss(struct status_family *f, const struct conf *c)
{
	const char *name = f->family == FAMILY_IPV4 ? "iptables" : "ip6tables";
	char command[FRONT_COMMAND_MAX];
	const char *why;

	status_activation(command, f);
	if (c->mode != MODE_REWRITE)
		snprintf(f->because, sizeof(f->because), "MARK rules are refused and mode is %s",
			 conf_mode_name(c->mode));
	else if (f->order != PATH_ORDER_MARKSHIM)
		snprintf(f->because, sizeof(f->because), "MARK rules are refused and markshim is "
			 "not in front of %s%s: %.100s", name, f->front.pinned ? ", which is pinned" : "",
			 command);
	else if ((why = cannot_help(f, c)))
		snprintf(f->because, sizeof(f->because), "MARK rules are refused for %s, and %s",
			 family_name(f->family), why);
}

static void judge_family(struct status_family *f, const struct conf *c)
{
	const char *family = family_name(f->family);

	f->verdict = f->loses ? STATUS_WORKING : STATUS_NOT_NEEDED;
	if (*f->trouble.text)
		snprintf(f->because, sizeof(f->because), "%.180s", f->trouble.text);
	else if (f->backend == BACKEND_UNKNOWN)
		snprintf(f->because, sizeof(f->because), "cannot tell the backend of %.100s",
			 f->real.path);
	else if (f->asked.why)
		snprintf(f->because, sizeof(f->because), "cannot tell whether the kernel has MARK "
			 "for %s", family);
	else if (f->loses)
		judge_loss(f, c);
	for (size_t i = 0; i < f->n_rules && !*f->because; i++)
		if (f->rules[i].empty)
			snprintf(f->because, sizeof(f->because), "%zu helper chain%s for %s %s in use and "
				 "empty, so rules mark nothing: have the client load its rules anew",
				 f->rules[i].empty, f->rules[i].empty == 1 ? "" : "s", family,
				 f->rules[i].empty == 1 ? "is" : "are");
	if (*f->because)
		f->verdict = STATUS_ATTENTION;
}

static void gather_family(struct status_family *f, const struct status *s, enum kernel_class assume)
{
	const struct applet a = { .family = f->family, .kind = APPLET_RESTORE };
	struct saved_program programs[2];
	char name[APPLET_NAME_MAX];
	int status;

	applet_name(name, a);
	front_read(&f->front, f->family);
	find_order(f, name);
	f->revision = -2;
	if (real_find(&f->real, a, &s->conf, &f->trouble, &status) == 0) {
		*f->trouble.text = '\0';
		f->backend = real_backend(&f->real, a, &s->conf, name);
		f->version = real_version_number(f->real.path, name);
		f->revision = second_revision(f->family, f->backend);
	}
	f->asked = asked_for(f->family, f->backend, assume);
	f->loses = asked_loses(&f->asked, f->family);
	f->n_rules = saved_programs(programs, f->family, &s->conf);
	for (size_t i = 0; i < f->n_rules; i++)
		count_rules(&f->rules[i], &programs[i], &s->conf);
	judge_family(f, &s->conf);
}

static void add_reason(struct status *s, const char *reason)
{
	size_t used = strlen(s->because);

	s->verdict = STATUS_ATTENTION;
	snprintf(s->because + used, sizeof(s->because) - used, "%s%s", used ? "; " : "", reason);
}

/* On a kernel that takes MARK runs are not looked at, so none makes good for one before. */
static void judge_failures(struct status *s)
{
	char reason[64 + FAILED_WHY_MAX], line[32] = "";

	if (!s->n_failed || !(s->of[FAMILY_IPV4].loses || s->of[FAMILY_IPV6].loses))
		return;
	if (s->failed.line)
		snprintf(line, sizeof(line), "line %zu: ", s->failed.line);
	snprintf(reason, sizeof(reason), "%s of %s failed: %s%s", s->failed.name, s->failed.caller,
		 line, s->failed.why);
	add_reason(s, reason);
}

/* IPv6 first, as everywhere: it is what is lost. */
static void judge(struct status *s)
{
	s->class = s->of[FAMILY_IPV6].asked.class;
	if (s->class == CLASS_HEALTHY)
		s->class = s->of[FAMILY_IPV4].asked.class;
	if (*s->conf_trouble.text)
		add_reason(s, s->conf_trouble.text);
	if (*s->assume_trouble.text)
		add_reason(s, s->assume_trouble.text);
	for (int f = FAMILY_COUNT - 1; f >= 0; f--) {
		if (s->of[f].verdict == STATUS_ATTENTION)
			add_reason(s, s->of[f].because);
		else if (s->of[f].verdict > s->verdict)
			s->verdict = s->of[f].verdict;
	}
	judge_failures(s);
}

void status_gather(struct status *s)
{
	enum kernel_class assume = CLASS_UNKNOWN;

	*s = (struct status){ 0 };
	if (shim_read_conf(&s->conf, &s->conf_trouble) == 0)
		*s->conf_trouble.text = '\0';
	if (asked_assumption(&assume, &s->conf, &s->assume_trouble) == 0)
		*s->assume_trouble.text = '\0';
	uname(&s->kernel);
	s->booted = boot_time();
	s->second = second_runs(&s->second_trouble);
	callers_find(&s->callers);
	for (enum family f = FAMILY_IPV4; f < FAMILY_COUNT; f++) {
		s->of[f].family = f;
		gather_family(&s->of[f], s, assume);
	}
	tally_read(&s->tally);
	failed_last(&s->failed, &s->n_failed);
	judge(s);
}

struct status_sum status_sum(const struct status *s)
{
	struct status_sum sum = { .known = true };

	for (int f = 0; f < FAMILY_COUNT; f++)
		for (size_t i = 0; i < s->of[f].n_rules; i++) {
			const struct status_rules *r = &s->of[f].rules[i];

			sum.known &= r->known;
			sum.empty += r->empty;
			for (int t = 0; t < TABLE_COUNT; t++) {
				sum.jumps += r->jumps[t];
				sum.unused += r->unused[t];
			}
		}
	return sum;
}
