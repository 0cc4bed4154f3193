/* parts.h - what forms need beside rules: sets, chains of nftables, and their tables. */
#ifndef PARTS_H
#define PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "err.h"
#include "mark.h"
#include "table.h"

/*
 * One line of text each, numbers in hex:
 *	set VALUE MASK			the ipset of form_set_name()
 *	chain TABLE VALUE MASK		the helper chain in iptables-nft's table
 *	table TABLE			that table
 */
enum part_kind { PART_IS_SET, PART_IS_CHAIN, PART_IS_TABLE };

struct part {
	enum part_kind kind;
	enum table table;
	struct mark_op op;
	bool made;		/* by this run, in place of nothing */
};

struct parts {
	struct part *at;	/* to be released */
	size_t n;
};

/* Each once, however often it is named.  Returns 0, or -1 with *e naming the line. */
int parts_read(struct parts *p, FILE *in, struct err *e);

/* Appends one.  Returns 0, or -1 with *e set if there is no memory. */
int parts_add(struct parts *p, struct part part, struct err *e);

void parts_release(struct parts *p);

/* Prints its line. */
void part_print(const struct part *p);

#endif
