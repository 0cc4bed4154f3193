/* probe: the kernel's answers as a table. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "asked.h"
#include "command.h"
#include "probe.h"
#include "shim.h"

static const enum backend backends[] = { BACKEND_LEGACY, BACKEND_NFT };
#define N_BACKENDS (sizeof(backends) / sizeof(backends[0]))

struct answers {
	int error[N_BACKENDS][FAMILY_COUNT][XT_COUNT][4];	/* by revision, as probe_ask() */
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

/* The class that one interface's answers show. */
static enum kernel_class class_by(const struct answers *a, size_t b)
{
	struct kernel k = { 0 };

	for (int f = 0; f < FAMILY_COUNT; f++)
		for (int x = 0; x < XT_COUNT; x++)
			k.has[f][x] = probe_answer(a->error[b][f][x][xt_names[x].revision]);
	return kernel_class(&k);
}

static void print_row(const struct answers *a, int f, int x, int v)
{
	printf("%-8s%-12s%s%-10d", family_name(f), xt_names[x].name,
	       xt_names[x].revision == v ? "* " : "  ", v);
	for (size_t b = 0; b < N_BACKENDS; b++)
		printf(b + 1 < N_BACKENDS ? "%-18s" : "%s\n", probe_errno_name(a->error[b][f][x][v]));
}

static void print_table(const struct answers *a)
{
	for (size_t b = 0; b < N_BACKENDS; b++)
		printf("class by %s: %s\n", backend_name(backends[b]), class_name(class_by(a, b)));
	printf("\n%-8s%-12s  %-10s%-18s%s\n", "family", "extension", "revision", "legacy", "nft");
	for (int f = 0; f < FAMILY_COUNT; f++)
		for (int x = 0; x < XT_COUNT; x++)
			for (int v = 0; v < xt_names[x].revisions; v++)
				print_row(a, f, x, v);
	puts("\n* the revision that rules need; ENOENT there means that the kernel lacks it");
}

static void print_json(const struct answers *a)
{
	const char *comma = "";

	printf("{\"class\":{\"legacy\":\"%s\",\"nft\":\"%s\"},\"answers\":[",
	       class_name(class_by(a, 0)), class_name(class_by(a, 1)));
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
	puts("\n]}");
}

static void say_assumption(void)
{
	enum kernel_class assume;
	struct conf conf;
	struct err e;

	if (shim_read_conf(&conf, &e) < 0)
		fprintf(stderr, "markshim probe: %s; the defaults are used\n", e.text);
	if (asked_assumption(&assume, &conf, &e) < 0)
		fprintf(stderr, "markshim probe: %s\n", e.text);
	else if (assume != CLASS_UNKNOWN)
		fprintf(stderr, "markshim probe: rulesets are treated as for class %s, which is "
			"assumed; this is what the kernel itself says\n", class_name(assume));
}

int command_probe(int argc, char *argv[])
{
	bool json = argc == 2 && !strcmp(argv[1], "--json");
	struct answers a;

	if (argc > 1 && !json)
		return command_fail(argv[0], "`%s': see markshim --help", argv[1]);
	ask_all(&a);
	for (size_t b = 0; b < N_BACKENDS; b++)
		if (a.error[b][FAMILY_IPV6][XT_MARK][xt_names[XT_MARK].revision] == EPERM)
			return command_fail(argv[0], "the kernel answers only with CAP_NET_ADMIN: "
					    "ask as root, or give --assume CLASS to diff, rewrite "
					    "and explain");
	say_assumption();
	if (json)
		print_json(&a);
	else
		print_table(&a);
	return 0;
}
