/* table.h - the tables of (ip|ip6)tables. */
#ifndef TABLE_H
#define TABLE_H

#include "span.h"

enum table {
	TABLE_NAT, TABLE_MANGLE, TABLE_FILTER, TABLE_SECURITY, TABLE_RAW,
	TABLE_UNKNOWN,		/* a name that no kernel has; the real program says so */
	TABLE_COUNT = TABLE_UNKNOWN
};

const char *table_name(enum table t);
enum table table_find(struct span name);

#endif
