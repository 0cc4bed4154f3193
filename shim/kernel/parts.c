#include "parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int parts_add(struct parts *p, struct part part, struct err *e)
{
	struct part *at = p->at;

	/* twice as much room whenever the number is a power of two */
	if (!(p->n & (p->n - 1)))
		at = realloc(p->at, (p->n ? 2 * p->n : 1) * sizeof(*at));
	if (!at)
		return err_set(e, "no memory for %zu parts", p->n);
	at[p->n++] = part;
	p->at = at;
	return 0;
}

void parts_release(struct parts *p)
{
	free(p->at);
	*p = (struct parts){ 0 };
}

static bool parse_table(struct part *p, const char *name)
{
	p->table = table_find(span_of(name));
	return p->table != TABLE_UNKNOWN;
}

static bool parse(struct part *p, const char *line)
{
	char table[16];
	int end = 0;

	*p = (struct part){ .kind = PART_IS_SET };
	if (sscanf(line, "set %8" SCNx32 " %8" SCNx32 "%n", &p->op.value, &p->op.mask, &end) == 2 &&
	    end)
		return !line[end];
	p->kind = PART_IS_CHAIN;
	if (sscanf(line, "chain %15s %8" SCNx32 " %8" SCNx32 "%n", table, &p->op.value, &p->op.mask,
		   &end) == 3 && end)
		return !line[end] && parse_table(p, table);
	p->kind = PART_IS_TABLE;
	return sscanf(line, "table %15s%n", table, &end) == 1 && !line[end] &&
		parse_table(p, table);
}

static bool is_there(const struct parts *p, const struct part *part)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].kind == part->kind && p->at[i].table == part->table &&
		    p->at[i].op.value == part->op.value && p->at[i].op.mask == part->op.mask)
			return true;
	return false;
}

int parts_read(struct parts *p, FILE *in, struct err *e)
{
	char line[128];
	struct part part;

	*p = (struct parts){ 0 };
	for (size_t n = 1; fgets(line, sizeof(line), in); n++) {
		line[strcspn(line, "\n")] = '\0';
		if (!parse(&part, line))
			return err_set(e, "line %zu: `%s' names no part of a form", n, line);
		if (!is_there(p, &part) && parts_add(p, part, e) < 0)
			return -1;
	}
	return ferror(in) ? err_sys(e, "reading the parts") : 0;
}

void part_print(const struct part *p)
{
	if (p->kind == PART_IS_SET)
		printf("set %" PRIx32 " %" PRIx32 "\n", p->op.value, p->op.mask);
	else if (p->kind == PART_IS_CHAIN)
		printf("chain %s %" PRIx32 " %" PRIx32 "\n", table_name(p->table), p->op.value,
		       p->op.mask);
	else
		printf("table %s\n", table_name(p->table));
}
