#include "mark.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "number.h"

/* How (value, mask) come from an option's numbers v and m. */
static struct mark_op set_xmark(uint32_t v, uint32_t m) { return (struct mark_op){ v, m }; }
static struct mark_op set_mark(uint32_t v, uint32_t m) { return (struct mark_op){ v, v | m }; }
static struct mark_op and_mark(uint32_t v, uint32_t m) { (void)m; return (struct mark_op){ 0, ~v }; }
static struct mark_op or_mark(uint32_t v, uint32_t m) { (void)m; return (struct mark_op){ v, v }; }
static struct mark_op xor_mark(uint32_t v, uint32_t m) { (void)m; return (struct mark_op){ v, 0 }; }

static const struct {
	const char *name;
	bool takes_mask;
	struct mark_op (*op)(uint32_t v, uint32_t m);
} options[] = {
	{ "set-xmark",	true,	set_xmark },
	{ "set-mark",	true,	set_mark },
	{ "and-mark",	false,	and_mark },
	{ "or-mark",	false,	or_mark },
	{ "xor-mark",	false,	xor_mark },
};

int mark_parse(struct mark_op *op, const char *option, const char *arg)
{
	uint32_t v, m = UINT32_MAX;
	const char *end;
	size_t i = 0;

	while (i < sizeof(options) / sizeof(options[0]) && strcmp(options[i].name, option) != 0)
		i++;
	if (i == sizeof(options) / sizeof(options[0]) || number_parse(&v, arg, &end) < 0)
		return -1;
	if (*end == '/' && options[i].takes_mask && number_parse(&m, end + 1, &end) < 0)
		return -1;
	if (*end)
		return -1;
	*op = options[i].op(v, m);
	return 0;
}

uint32_t mark_apply(struct mark_op op, uint32_t mark)
{
	return (mark & ~op.mask) ^ op.value;
}
