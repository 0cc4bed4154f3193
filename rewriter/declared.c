#include "declared.h"

#include <stdlib.h>

/* The place where op is or would be.  There is always a free one. */
static struct declared_entry *place(const struct declared *d, struct mark_op op)
{
	uint64_t key = (uint64_t)op.value << 32 | op.mask;
	/* multiplicative hashing; the high bits are the mixed ones */
	size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 32);

	for (;; i++) {
		struct declared_entry *e = &d->at[i & (d->room - 1)];

		if (!e->filled || (e->op.value == op.value && e->op.mask == op.mask))
			return e;
	}
}

enum declared_state declared_get(const struct declared *d, struct mark_op op)
{
	const struct declared_entry *e;

	if (!d->room)
		return DECLARED_NOT;
	e = place(d, op);
	if (!e->filled)
		return DECLARED_NOT;
	return e->filled == d->flushes + 1 ? DECLARED_FILLED : DECLARED_EMPTY;
}

static int grow(struct declared *d)
{
	struct declared bigger = { .room = d->room ? d->room * 2 : 16 };

	bigger.at = calloc(bigger.room, sizeof(*bigger.at));
	if (!bigger.at)
		return -1;
	for (size_t i = 0; i < d->room; i++)
		if (d->at[i].filled)
			*place(&bigger, d->at[i].op) = d->at[i];
	free(d->at);
	d->at = bigger.at;
	d->room = bigger.room;
	return 0;
}

int declared_fill(struct declared *d, struct mark_op op)
{
	struct declared_entry *e;

	if (2 * d->n >= d->room && grow(d) < 0)
		return -1;
	e = place(d, op);
	if (!e->filled)
		d->n++;
	*e = (struct declared_entry){ op, d->flushes + 1 };
	return 0;
}

void declared_flush(struct declared *d)
{
	d->flushes++;
}

void declared_clear(struct declared *d)
{
	free(d->at);
	*d = (struct declared){ 0 };
}
