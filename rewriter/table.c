#include "table.h"

static const char *const names[] = {
	[TABLE_NAT] = "nat",
	[TABLE_MANGLE] = "mangle",
	[TABLE_FILTER] = "filter",
	[TABLE_SECURITY] = "security",
	[TABLE_RAW] = "raw",
	[TABLE_UNKNOWN] = "unknown",
};

const char *table_name(enum table t)
{
	return names[t];
}

enum table table_find(struct span name)
{
	for (int t = 0; t < TABLE_COUNT; t++)
		if (span_is(name, names[t]))
			return t;
	return TABLE_UNKNOWN;
}
