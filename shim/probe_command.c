/* probe: the kernel's answers as a table. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "asked.h"
#include "command.h"
#include "probe.h"
#include "second.h"
#include "shim.h"
#include "tried.h"

static const enum backend backends[] = { BACKEND_LEGACY, BACKEND_NFT };
#define N_BACKENDS (sizeof(backends) / sizeof(backends[0]))

struct answers {
	bool forms[N_BACKENDS][FAMILY_COUNT][FORM_COUNT];	/* can be had */
	struct err why[N_BACKENDS][FAMILY_COUNT][FORM_COUNT];	/* not, or not tried; or "" */
	int error[N_BACKENDS][FAMILY_COUNT][XT_COUNT][4];	/* by revision, as probe_ask() */
	enum answer masks[N_BACKENDS][FAMILY_COUNT];		/* of the trial */
	struct err untried[N_BACKENDS][FAMILY_COUNT];		/* why there is no such answer */
};

/* Modules are loaded by no question but for the extension itself. */
static void ask_all(struct answers *a)
{
	struct probe p;

	for (size_t b = 0; b < N_BACKENDS; b++) {
		probe_begin(&p, backends[b], 0);
		for (int f = 0; f < FAMILY_COUNT; f++)
			for (int x = 0; x < XT_COUNT; x++)
				for (uint8_t v = 0; v < xt_names[x].revisions; v++)
					a->error[b][f][x][v] = probe_ask(&p, f, x, v);
		probe_end(&p);
	}
}

/* Where MARK is there, the answers don't tell whether it takes masks. */
static void try_masks(struct answers *a, size_t b, int f)
{
	if (a->error[b][f][XT_MARK][xt_names[XT_MARK].revision] == 0)
		a->masks[b][f] = second_masks(f, backends[b], &a->untried[b][f]);
	else
		err_set(&a->untried[b][f], "MARK is not there");
}

/* What one interface's answers show. */
static struct kernel kernel_by(const struct answers *a, size_t b)
{
	struct kernel k = { 0 };

	for (int f = 0; f < FAMILY_COUNT; f++)
		for (int x = 0; x < XT_COUNT; x++)
			k.has[f][x] = probe_answer(a->error[b][f][x][xt_names[x].revision]);
	for (int f = 0; f < FAMILY_COUNT; f++)
		k.refuses_masks |= a->masks[b][f] == ANSWER_NO;
	return k;
}

static enum kernel_class class_by(const struct answers *a, size_t b)
{
	const struct kernel k = kernel_by(a, b);

	return kernel_class(&k);
}

/* A trial each, for those that the answers do not rule out. */
static void try_forms(struct answers *a, const struct conf *conf)
{
	for (size_t b = 0; b < N_BACKENDS; b++)
		for (enum family f = FAMILY_IPV4; f < FAMILY_COUNT; f++) {
			const struct asked asked = { .kernel = kernel_by(a, b) };
			const struct shim s = {
				.applet = { .family = f, .kind = APPLET_RESTORE }, .conf = *conf,
			};
			static struct tried t;
			const struct form_ground g = {
				.kernel = &asked.kernel, .family = f, .backend = backends[b],
				.asker = tried_begin(&t, &s, backends[b], &asked),
			};

			for (size_t i = 0; i < FORM_COUNT; i++) {
				a->forms[b][f][i] = form_can_be_had(&g, &forms[i]);
				a->why[b][f][i] = t.why[i];
			}
		}
}

static const char *const masks[] = {
	[ANSWER_UNKNOWN] = "not tried", [ANSWER_NO] = "refused", [ANSWER_YES] = "accepted",
};

static void print_row(const struct answers *a, int f, int x, int v)
{
	printf("%-8s%-12s%s%-10d", family_name(f), xt_names[x].name,
	       xt_names[x].revision == v ? "* " : "  ", v);
	for (size_t b = 0; b < N_BACKENDS; b++)
		printf(b + 1 < N_BACKENDS ? "%-18s" : "%s\n", probe_errno_name(a->error[b][f][x][v]));
}

static void say_form(struct text *to, const struct form *form, enum table t)
{
	static const char *const which[] = {
		[OPS_ANY] = "", [OPS_WHOLE] = "/whole", [OPS_WITHIN] = "/part", [OPS_PARTIAL] = "/part",
	};

	text_printf(to, "%s%s%s%s", to->len ? " " : "", form->name, which[form->ops],
		    form_is_exact(form, t) ? "*" : "");
}

/* The forms that one cell of the matrix has, best first. */
static void say_forms(struct text *to, const struct answers *a, const struct conf *conf, size_t b,
		      int f, enum table t)
{
	for (int last = 0; last < 2; last++)
		for (const struct form *const *form = conf->forms.at[t]; *form; form++)
			if ((*form)->last == last && a->forms[b][f][*form - forms])
				say_form(to, *form, t);
	if (!to->len)
		text_puts(to, "none");
}

/* What trials said against forms, and why there were none. */
static void print_trials(const struct answers *a)
{
	for (size_t b = 0; b < N_BACKENDS; b++)
		for (int f = 0; f < FAMILY_COUNT; f++)
			for (size_t i = 0; i < FORM_COUNT; i++)
				if (*a->why[b][f][i].text)
					printf("form %s by %s, %s: %s, %s\n", forms[i].name,
					       backend_name(backends[b]), family_name(f),
					       a->forms[b][f][i] ? "not tried" : "refused",
					       a->why[b][f][i].text);
}

static void print_forms(const struct answers *a, const struct conf *conf)
{
	printf("\n%-8s%-12s%-45s%s\n", "family", "table", "forms, legacy", "nft");
	for (int f = 0; f < FAMILY_COUNT; f++)
		for (enum table t = 0; t < TABLE_COUNT; t++) {
			OWN_TEXT struct text legacy = { 0 }, nft = { 0 };

			say_forms(&legacy, a, conf, 0, f, t);
			say_forms(&nft, a, conf, 1, f, t);
			printf("%-8s%-12s%-44s %s\n", family_name(f), table_name(t),
			       legacy.at ? legacy.at : "", nft.at ? nft.at : "");
		}
	puts("\n* exact for every packet; /whole for a mask of all ones, /part for others");
	print_trials(a);
}

static void print_table(const struct answers *a)
{
	for (size_t b = 0; b < N_BACKENDS; b++)
		printf("class by %s: %s\n", backend_name(backends[b]), class_name(class_by(a, b)));
	for (size_t b = 0; b < N_BACKENDS; b++)
		for (int f = 0; f < FAMILY_COUNT; f++)
			printf("masks in MARK by %s, %s: %s%s%s\n", backend_name(backends[b]),
			       family_name(f), masks[a->masks[b][f]],
			       *a->untried[b][f].text ? ", " : "", a->untried[b][f].text);
	printf("\n%-8s%-12s  %-10s%-18s%s\n", "family", "extension", "revision", "legacy", "nft");
	for (int f = 0; f < FAMILY_COUNT; f++)
		for (int x = 0; x < XT_COUNT; x++)
			for (int v = 0; v < xt_names[x].revisions; v++)
				print_row(a, f, x, v);
	puts("\n* the revision that rules need; ENOENT there means that the kernel lacks it");
}

static void print_json_forms(const struct answers *a, const struct conf *conf)
{
	const char *comma = "";

	for (size_t b = 0; b < N_BACKENDS; b++)
		for (int f = 0; f < FAMILY_COUNT; f++)
			for (enum table t = 0; t < TABLE_COUNT; t++) {
				OWN_TEXT struct text cell = { 0 };

				say_forms(&cell, a, conf, b, f, t);
				printf("%s\n{\"backend\":\"%s\",\"family\":\"%s\",\"table\":\"%s\","
				       "\"forms\":\"%s\"}", comma, backend_name(backends[b]),
				       family_name(f), table_name(t), cell.at ? cell.at : "");
				comma = ",";
			}
}

static void print_json(const struct answers *a, const struct conf *conf)
{
	const char *comma = "";

	printf("{\"class\":{\"legacy\":\"%s\",\"nft\":\"%s\"},\"masks\":{",
	       class_name(class_by(a, 0)), class_name(class_by(a, 1)));
	for (size_t b = 0; b < N_BACKENDS; b++)
		printf("%s\"%s\":{\"IPv4\":\"%s\",\"IPv6\":\"%s\"}", b ? "," : "",
		       backend_name(backends[b]), masks[a->masks[b][FAMILY_IPV4]],
		       masks[a->masks[b][FAMILY_IPV6]]);
	printf("},\"answers\":[");
	for (size_t b = 0; b < N_BACKENDS; b++)
		for (int f = 0; f < FAMILY_COUNT; f++)
			for (int x = 0; x < XT_COUNT; x++)
				for (int v = 0; v < xt_names[x].revisions; v++) {
					printf("%s\n{\"backend\":\"%s\",\"family\":\"%s\","
					       "\"kind\":\"%s\",\"name\":\"%s\",\"revision\":%d,"
					       "\"needed\":%s,\"answer\":\"%s\"}", comma,
					       backend_name(backends[b]), family_name(f),
					       xt_names[x].is_match ? "match" : "target",
					       xt_names[x].name, v,
					       xt_names[x].revision == v ? "true" : "false",
					       probe_errno_name(a->error[b][f][x][v]));
					comma = ",";
				}
	printf("\n],\"forms\":[");
	print_json_forms(a, conf);
	puts("\n]}");
}

static void say_assumption(const struct conf *conf)
{
	enum kernel_class assume;
	struct err e;

	if (asked_assumption(&assume, conf, &e) < 0)
		fprintf(stderr, "markshim probe: %s\n", e.text);
	else if (assume != CLASS_UNKNOWN)
		fprintf(stderr, "markshim probe: rulesets are treated as for class %s, which is "
			"assumed; this is what the kernel itself says\n", class_name(assume));
}

int command_probe(int argc, char *argv[])
{
	bool json = argc == 2 && !strcmp(argv[1], "--json");
	static struct answers a;
	static struct conf conf;
	struct err e;

	if (argc > 1 && !json)
		return command_fail(argv[0], "`%s': see markshim --help", argv[1]);
	if (shim_read_conf(&conf, &e) < 0)
		fprintf(stderr, "markshim probe: %s; the defaults are used\n", e.text);
	ask_all(&a);
	for (size_t b = 0; b < N_BACKENDS; b++)
		for (int f = 0; f < FAMILY_COUNT; f++)
			try_masks(&a, b, f);
	for (size_t b = 0; b < N_BACKENDS; b++)
		if (a.error[b][FAMILY_IPV6][XT_MARK][xt_names[XT_MARK].revision] == EPERM)
			return command_fail(argv[0], "the kernel answers only with CAP_NET_ADMIN: "
					    "ask as root, or give --assume CLASS to diff, rewrite "
					    "and explain");
	say_assumption(&conf);
	try_forms(&a, &conf);
	if (json) {
		print_json(&a, &conf);
		return 0;
	}
	print_table(&a);
	print_forms(&a, &conf);
	return 0;
}
