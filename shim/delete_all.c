#include "delete_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"
#include "look.h"
#include "process.h"
#include "transaction.h"

#define ATTEMPTS 5		/* somebody else may be at work on the same table */
#define CHAIN_NAME_MAX 64

struct delete_all {
	struct shim *shim;
	const struct cmdline *command;
	enum backend backend;
	struct text saved;		/* what *-save says of the table */
	size_t failed_line;		/* of the transaction */
};

/* A chain's name as a word of a ruleset. */
static void put_word(struct text *to, struct span name)
{
	text_puts(to, "\"");
	for (size_t i = 0; i < name.len; i++) {
		if (strchr("\\\"", name.at[i]))
			text_puts(to, "\\");
		text_add(to, name.at + i, 1);
	}
	text_puts(to, "\"");
}

/* The next chain that a user made, or we did. */
static bool next_chain(struct span *saved, struct span *name)
{
	struct span line;

	while (lexer_line(saved, &line)) {
		*name = lexer_strtok(span_from(line, 1), 0);
		if (*line.at == ':' && span_is(lexer_strtok(line, 1), "-"))
			return true;
	}
	return false;
}

static bool is_helper(struct span name)
{
	struct mark_op op;

	return helper_parse(&op, name.at, name.len);
}

/* Has it rules, or rules that lead to it?  A helper chain without either is as good as gone. */
static bool in_use(const struct delete_all *d, struct span name)
{
	struct span saved = { d->saved.at, d->saved.len }, line;
	struct look l = { .backend = d->backend, .family = d->shim->applet.family };
	char chain[CHAIN_NAME_MAX];

	/* not all that nftables has made can be saved */
	snprintf(chain, sizeof(chain), "%.*s", SPAN_ARG(name));
	if (d->backend == BACKEND_NFT && look_rules(l, d->command->table, chain) == ANSWER_YES)
		return true;
	while (lexer_line(&saved, &line)) {
		struct span rule = span_without_newline(line);

		if (*line.at != '-')
			continue;
		if (span_same(lexer_strtok(rule, 1), name) ||
		    (rule.len > name.len && rule.at[rule.len - name.len - 1] == ' ' &&
		     span_same(span_from(rule, rule.len - name.len), name)))
			return true;
	}
	return false;
}

/* The user's chains first, so that a line's number tells which; then unused helper chains. */
static void say_rules(const struct delete_all *d, struct text *rules)
{
	text_printf(rules, "*%s\n", table_name(d->command->table));
	for (int helpers = 0; helpers < 2; helpers++) {
		struct span saved = { d->saved.at, d->saved.len }, name;

		while (next_chain(&saved, &name)) {
			if (is_helper(name) != helpers || (helpers && in_use(d, name)))
				continue;
			text_puts(rules, "-X ");
			put_word(rules, name);
			text_puts(rules, "\n");
		}
	}
	text_puts(rules, "COMMIT\n");
}

/* The line that a restore's message names, or 0. */
static size_t failed_line(const struct text *said)
{
	const char *at = said->at ? strstr(said->at, "line ") : NULL;

	return at ? strtoul(at + strlen("line "), NULL, 10) : 0;
}

static bool has_helpers(const struct delete_all *d)
{
	struct span saved = { d->saved.at, d->saved.len }, name;

	while (next_chain(&saved, &name))
		if (is_helper(name))
			return true;
	return false;
}

/* In one transaction.  Returns true if that was done. */
static bool try_once(struct delete_all *d)
{
	OWN_TEXT struct text said = { 0 }, rules = { 0 };
	struct err e;
	int status;

	text_release(&d->saved);
	d->failed_line = 0;
	if (transaction_save(d->shim, d->backend, d->command->table, &d->saved, &e) < 0 ||
	    !has_helpers(d))
		return false;
	say_rules(d, &rules);
	if (rules.failed ||
	    transaction_run(d->shim, d->backend, &d->command->rule,
			    (struct span){ rules.at, rules.len }, &said, &status, &e) < 0)
		return false;
	d->failed_line = failed_line(&said);
	return !process_has_failed(status);
}

/* The chain of the line that failed, if it is a user's. */
static bool find_failed(const struct delete_all *d, char chain[static CHAIN_NAME_MAX])
{
	struct span saved = { d->saved.at, d->saved.len }, name;
	size_t line = 1;	/* the table's */

	while (next_chain(&saved, &name))
		if (!is_helper(name) && ++line == d->failed_line && name.len < CHAIN_NAME_MAX) {
			snprintf(chain, CHAIN_NAME_MAX, "%.*s", SPAN_ARG(name));
			return true;
		}
	return false;
}

/* The real program says of the chain that stood in the way, not of a helper, what is wrong. */
static int fail_like_it(struct delete_all *d, char chain[static CHAIN_NAME_MAX])
{
	const struct rule *rule = &d->command->rule;
	struct shim *s = d->shim;
	char *argv[] = {
		s->argv[0], (char *)"-t", (char *)table_name(d->command->table), (char *)"-X", chain,
		rule->waits ? (char *)"-w" : NULL, (char *)rule->wait, NULL
	};

	return shim_exec_as(s, argv);
}

/* -v */
static void tell(const struct delete_all *d)
{
	struct span saved = { d->saved.at, d->saved.len }, name;

	while (d->command->rule.verbose && next_chain(&saved, &name))
		if (!is_helper(name))
			printf("Deleting chain `%.*s'\n", SPAN_ARG(name));
}

/*
 * Helper chains in use would have it fail, so the others are deleted one by one.  A
 * helper chain with rules stays, since somebody may be about to jump to it.
 */
int delete_all(struct shim *s, const struct cmdline *c)
{
	struct delete_all d = { .shim = s, .command = c, .backend = shim_backend(s) };
	struct look l = { .backend = d.backend, .family = s->applet.family };
	bool done = false, failed = false;
	char chain[CHAIN_NAME_MAX];

	if (c->rule.more || c->table == TABLE_UNKNOWN ||
	    look_helpers(l, c->table) != ANSWER_YES)
		return shim_exec(s);
	for (int i = 0; i < ATTEMPTS && !done && !failed; i++) {
		done = try_once(&d);
		failed = !done && find_failed(&d, chain);
	}
	if (!done && !failed)
		return shim_exec(s);
	tell(&d);
	fflush(stdout);
	if (failed)
		return fail_like_it(&d, chain);
	text_release(&d.saved);
	log_end(&s->log);
	return EXIT_SUCCESS;
}
