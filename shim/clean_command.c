/* clean: removes the helper chains that no rule jumps to, and ipsets that none uses. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "capture.h"
#include "command.h"
#include "form.h"
#include "helper.h"
#include "lexer.h"
#include "look_nft.h"
#include "memfd.h"
#include "second.h"
#include "shim.h"
#include "transaction.h"
#include "unused.h"

#define SAVED_MAX ((size_t)1 << 30)	/* bytes */

/* Runs one of the family's real programs.  Returns 0, or COMMAND_TROUBLE. */
static int run_real(struct applet a, const struct conf *c, const char *option, int input,
		    struct text *out)
{
	char name[APPLET_NAME_MAX];
	const char *const argv[] = { name, option, NULL };
	struct capture_job job = { .argv = argv, .input = input };
	struct real real;
	struct err e;
	int status;

	applet_name(name, a);
	if (real_find(&real, a, c, &e, &status) < 0)
		return command_fail("clean", "%s", e.text);
	job.path = real.path;
	if (capture(&job, out, SAVED_MAX, &status, &e) < 0)
		return command_fail("clean", "%s", e.text);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return command_fail("clean", "%s ended with status %d", name,
			    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* One transaction for each chain: if a rule has come that uses it, the chain stays whole. */
static int remove_chain(struct applet a, const struct conf *c, const struct unused_chain *chain)
{
	const struct applet restore = {
		.family = a.family, .backend = a.backend, .kind = APPLET_RESTORE,
	};
	char name[HELPER_NAME_MAX], rules[128];
	OWN_TEXT struct text out = { 0 };
	static struct memfd m;
	struct err e;
	int result;

	helper_name(name, chain->op);
	snprintf(rules, sizeof(rules), "*%s\n-F %s\n-X %s\nCOMMIT\n", table_name(chain->table),
		 name, name);
	if (memfd_open(&m, &e) < 0 || memfd_write(&m, span_of(rules), &e) < 0 ||
	    memfd_seal(&m, &e) < 0)
		return command_fail("clean", "%s", e.text);
	result = run_real(restore, c, "--noflush", m.fd, &out);
	memfd_close(&m);
	if (!result)
		printf("%s, table %s: %s removed\n", family_name(a.family), table_name(chain->table),
		       name);
	return result;
}

/* All rules that there are.  Returns 0, or COMMAND_TROUBLE. */
static int save(struct applet a, const struct conf *c, enum backend b, struct text *saved)
{
	struct shim s = { .applet = a, .conf = *c };
	struct err e;

	if (b != BACKEND_NFT)
		return run_real(a, c, NULL, -1, saved);
	/* what nftables has made ends a table, so each is asked for by itself */
	for (enum table t = 0; t < TABLE_COUNT; t++)
		if (look_nft_table(a.family, t) == ANSWER_YES &&
		    transaction_save(&s, b, t, saved, &e) < 0)
			return command_fail("clean", "%s", e.text);
	return 0;
}

/* What one program's -save prints. */
static int clean_with(struct applet a, const struct conf *c, enum backend b)
{
	const enum family f = a.family;
	OWN_TEXT struct text saved = { 0 };
	char name[HELPER_NAME_MAX];
	struct unused u;
	int result = save(a, c, b, &saved);

	if (result)
		return result;
	if (unused_find(&u, (struct span){ saved.at, saved.len }, f) < 0) {
		unused_release(&u);
		return command_fail("clean", "no memory for the helper chains");
	}
	for (size_t i = 0; i < u.n; i++) {
		helper_name(name, u.at[i].op);
		if (!u.at[i].jumps)
			result |= remove_chain(a, c, &u.at[i]);
		else
			printf("%s, table %s: %s kept, %zu rule%s it\n", family_name(f),
			       table_name(u.at[i].table), name, u.at[i].jumps,
			       u.at[i].jumps == 1 ? " uses" : "s use");
	}
	unused_release(&u);
	return result;
}

/* The kernel knows which sets are in use. */
static int clean_sets(enum family f)
{
	OWN_TEXT struct text sets = { 0 }, removed = { 0 };
	struct span rest, line;
	struct err e;
	uint32_t value, mask;

	if (!second_there())
		return 0;
	if (second_sets(f, &sets, &e) < 0 ||
	    (sets.len && second_unmake(f, (struct span){ sets.at, sets.len }, &removed, &e) < 0))
		return command_fail("clean", "%s", e.text);
	rest = (struct span){ removed.at, removed.len };
	while (lexer_line(&rest, &line)) {
		char name[FORM_SET_NAME_MAX];

		if (sscanf(line.at, "set %" SCNx32 " %" SCNx32, &value, &mask) != 2)
			continue;
		form_set_name(name, (struct mark_op){ value, mask }, f);
		printf("%s, ipset %s removed\n", family_name(f), name);
	}
	return 0;
}

/* The plain names lead to one backend; callers that use the other's names may have fed that. */
static int clean_family(enum family f, const struct conf *c)
{
	struct applet a = { .family = f, .kind = APPLET_SAVE };
	char name[APPLET_NAME_MAX];
	enum backend first = BACKEND_UNKNOWN;
	struct real real;
	struct err e;
	int result, status;

	applet_name(name, a);
	if (real_find(&real, a, c, &e, &status) == 0)
		first = real_backend(&real, a, c, name);
	result = clean_with(a, c, first);
	a.backend = first == BACKEND_NFT ? BACKEND_LEGACY : BACKEND_NFT;
	if (first != BACKEND_UNKNOWN && real_find(&real, a, c, &e, &status) == 0)
		result |= clean_with(a, c, a.backend);
	return result | clean_sets(f);
}

int command_clean(int argc, char *argv[])
{
	struct conf c;
	struct err e;
	int v6, v4;

	if (argc > 1)
		return command_fail(argv[0], "`%s': it takes no arguments", argv[1]);
	if (shim_read_conf(&c, &e) < 0)
		fprintf(stderr, "markshim clean: %s; the defaults are used\n", e.text);
	v6 = clean_family(FAMILY_IPV6, &c);
	v4 = clean_family(FAMILY_IPV4, &c);
	return v6 || v4 ? COMMAND_TROUBLE : 0;
}
