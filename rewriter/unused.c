#include "unused.h"

#include <stdbool.h>
#include <stdlib.h>

#include "helper.h"
#include "lexer.h"
#include "own.h"
#include "rule.h"
#include "scan.h"

static int add(struct unused *u, enum table t, struct mark_op op)
{
	struct unused_chain *at = realloc(u->at, (u->n + 1) * sizeof(*at));

	if (!at)
		return -1;
	at[u->n++] = (struct unused_chain){ .table = t, .op = op };
	u->at = at;
	return 0;
}

static void count_jump(struct unused *u, enum table t, struct mark_op op)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->at[i].table == t && u->at[i].op.value == op.value &&
		    u->at[i].op.mask == op.mask)
			u->at[i].jumps++;
}

static void rule_line(struct unused *u, enum table t, struct span line, enum family family,
		      struct lexer_words *words)
{
	struct span text = scan_rule(line);
	struct mark_op op;
	struct rule r;

	if (scan_may_matter(text) && lexer_split(words, text) == 0 &&
	    rule_parse(&r, words, family) == 0 && r.target_name &&
	    helper_parse(&op, r.target_name, strlen(r.target_name)))
		count_jump(u, t, op);
}

/* *-save prints a table's chains before its rules. */
int unused_find(struct unused *u, struct span saved, enum family family)
{
	OWN_MEM struct lexer_words *words = malloc(sizeof(*words));
	enum table t = TABLE_UNKNOWN;
	struct mark_op op;
	struct span line;

	*u = (struct unused){ 0 };
	if (!words)
		return -1;
	while (lexer_line(&saved, &line)) {
		struct span name = lexer_strtok(span_from(line, 1), 0);

		if (*line.at == '*')
			t = table_find(name);
		else if (*line.at != ':')
			rule_line(u, t, line, family, words);
		else if (helper_parse(&op, name.at, name.len) && add(u, t, op) < 0)
			return -1;
	}
	return 0;
}

void unused_release(struct unused *u)
{
	free(u->at);
	*u = (struct unused){ 0 };
}
