/* clean: removes the helper chains that no rule jumps to, and ipsets that none uses. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "form.h"
#include "helper.h"
#include "lexer.h"
#include "memfd.h"
#include "own.h"
#include "parts_lock.h"
#include "saved.h"
#include "second.h"
#include "shim.h"
#include "unused.h"

#define PATIENCE_MS 10000	/* of all syncs that are on the way now */

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
	result = saved_run(restore, c, "--noflush", m.fd, &out, &e);
	memfd_close(&m);
	if (result < 0)
		return command_fail("clean", "%s", e.text);
	printf("%s, table %s: %s removed\n", family_name(a.family), table_name(chain->table), name);
	return 0;
}

/* What one program's -save prints. */
static int clean_with(const struct saved_program *p, const struct conf *c)
{
	const enum family f = p->applet.family;
	OWN_TEXT struct text saved = { 0 };
	char name[HELPER_NAME_MAX];
	struct unused u;
	struct err e;
	int result = 0;

	if (saved_read(&saved, p, c, &e) < 0)
		return command_fail("clean", "%s", e.text);
	if (unused_find(&u, (struct span){ saved.at, saved.len }, f) < 0) {
		unused_release(&u);
		return command_fail("clean", "no memory for the helper chains");
	}
	for (size_t i = 0; i < u.n; i++) {
		helper_name(name, u.at[i].op);
		if (!u.at[i].jumps)
			result |= remove_chain(p->applet, c, &u.at[i]);
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

static int clean_family(enum family f, const struct conf *c)
{
	struct saved_program programs[2];
	size_t n = saved_programs(programs, f, c);
	int result = 0;

	for (size_t i = 0; i < n; i++)
		result |= clean_with(&programs[i], c);
	return result | clean_sets(f);
}

int command_clean(int argc, char *argv[])
{
	OWN_FD int lock = -1;
	struct conf c;
	struct err e;
	int v6, v4;

	if (argc > 1)
		return command_fail(argv[0], "`%s': it takes no arguments", argv[1]);
	if (shim_read_conf(&c, &e) < 0)
		fprintf(stderr, "markshim clean: %s; the defaults are used\n", e.text);
	if (!parts_claim(&lock, PATIENCE_MS))
		return command_fail("clean", "rules are being loaded all the time; nothing was removed");
	v6 = clean_family(FAMILY_IPV6, &c);
	v4 = clean_family(FAMILY_IPV4, &c);
	return v6 || v4 ? COMMAND_TROUBLE : 0;
}
