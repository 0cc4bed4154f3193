#include "cmdline.h"

#include <stdio.h>
#include <stdlib.h>

int cmdline_read(struct cmdline *c, int argc, char *argv[], enum family family)
{
	c->argc = argc;
	c->argv = argv;
	c->words.n = 0;
	if (argc < 1 || (size_t)argc - 1 > LEXER_WORDS_MAX)
		return -1;
	for (int i = 1; i < argc; i++)
		c->words.at[c->words.n++] = (struct lexer_word){ .text = argv[i] };
	if (rule_parse_command(&c->rule, &c->words, family) < 0 || c->rule.ignored)
		return -1;
	c->table = c->rule.table ? table_find(span_of(c->rule.table)) : TABLE_FILTER;
	return 0;
}

bool cmdline_marks(const struct cmdline *c)
{
	const struct rule *r = &c->rule;

	return r->command && strchr("AIRCD", r->command) && r->target && r->jumps && r->mark[0] &&
		!strcmp(r->target_name, "MARK");
}

struct rewrite_change cmdline_change(const struct cmdline *c, const struct form_ground *g)
{
	const struct kernel *k = g->kernel;
	const enum family family = g->family;
	struct rewrite_change change = {
		.fate = REWRITE_STUCK,
		.reason = REWRITE_NO_FORM,
		.table = c->table,
		.chain = c->rule.chain,
		.op = c->rule.op,
		.mask_only = k->has[family][XT_MARK] == ANSWER_YES,
		.was = { "", 0 },
		.is = { "", 0 },
	};

	if (kernel_takes_mask(k, family, change.op.mask) != ANSWER_NO) {
		change.fate = REWRITE_KEPT;
		change.reason = REWRITE_REFUSED;
	} else if (k->has[family][XT_MATCH_MARK] == ANSWER_NO &&
		   (c->rule.matches_mark || g->backend == BACKEND_NFT)) {
		/* iptables-nft would load the client's next rule, which matches the mark, wrong */
		change.reason = REWRITE_NO_MATCH;
	} else if (!form_target_is_hidden(g, c->table, XT_MARK) &&
		   (change.form = form_choose(g, c->table, change.op))) {
		change.fate = REWRITE_CHANGED;
		change.reason = REWRITE_REFUSED;
	} else if (form_any_hidden(g, c->table)) {
		change.reason = REWRITE_HIDDEN;
	}
	return change;
}

void cmdline_helper_rules(char text[static CMDLINE_RULES_MAX], const struct rewrite_change *change,
			  enum family family)
{
	char chain[FORM_CHAIN_TEXT_MAX];
	size_t len;

	form_chain(chain, &len, change->form, change->op, family, true);
	snprintf(text, CMDLINE_RULES_MAX, "*%s\n%sCOMMIT\n", table_name(change->table), chain);
}

static bool is_mark_word(const struct cmdline *c, const struct lexer_word *w)
{
	return w == c->rule.mark[0] || w == c->rule.mark[1];
}

char **cmdline_argv(const struct cmdline *c, const char *target, const char *const more[])
{
	const struct lexer_word *word = c->rule.target;
	size_t before = (size_t)(c->rule.target_name - word->text), n_more = 0, n = 0;
	size_t words;
	char **argv, *text;

	while (more[n_more])
		n_more++;
	words = (size_t)c->argc + n_more + 1;
	/* the target's word, which may be --jump=TARGET, stands behind the pointers */
	argv = malloc(words * sizeof(*argv) + before + strlen(target) + 1);
	if (!argv)
		return NULL;
	text = (char *)(argv + words);
	memcpy(text, word->text, before);
	memcpy(text + before, target, strlen(target) + 1);
	argv[n++] = c->argv[0];
	for (size_t i = 0; i < c->words.n; i++) {
		const struct lexer_word *w = &c->words.at[i];

		if (!is_mark_word(c, w))
			argv[n++] = w == word ? text : c->argv[i + 1];
	}
	for (size_t m = 0; m < n_more; m++)
		argv[n++] = (char *)more[m];
	argv[n] = NULL;
	return argv;
}
