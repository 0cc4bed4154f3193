#include "make.h"

#include <stdlib.h>

#include "ipset.h"
#include "nft_chain.h"
#include "parts.h"

#define BAD_LINE 2

static int unmake(enum family f, const struct part *p, struct err *e)
{
	return p->kind == PART_IS_SET ? ipset_unmake(f, p, e) : nft_chain_unmake(f, p, e);
}

/* Chains before their tables, and sets when no chain is left. */
static const enum part_kind order[] = { PART_IS_CHAIN, PART_IS_TABLE, PART_IS_SET };
#define N_KINDS (sizeof(order) / sizeof(order[0]))

static int complain(const struct err *e, int status)
{
	fprintf(stderr, "%s\n", e->text);
	return status;
}

static int make_sets(enum family f, struct parts *p, struct err *e)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].kind == PART_IS_SET && ipset_make(f, &p->at[i], e) < 0)
			return -1;
	return 0;
}

static void take_back(enum family f, const struct parts *p)
{
	struct err e;

	for (size_t k = 0; k < N_KINDS; k++)
		for (size_t i = 0; i < p->n; i++)
			if (p->at[i].kind == order[k] && p->at[i].made)
				unmake(f, &p->at[i], &e);
}

int make_parts(enum family f)
{
	struct parts p;
	struct err e;

	if (parts_read(&p, stdin, &e) < 0)
		return complain(&e, BAD_LINE);
	if (make_sets(f, &p, &e) < 0 || nft_chain_make(f, &p, &e) < 0) {
		take_back(f, &p);
		return complain(&e, EXIT_FAILURE);
	}
	for (size_t i = 0; i < p.n; i++)
		if (p.at[i].made)
			part_print(&p.at[i]);
	parts_release(&p);
	return EXIT_SUCCESS;
}

int unmake_parts(enum family f)
{
	int status = EXIT_SUCCESS;
	struct parts p;
	struct err e;

	if (parts_read(&p, stdin, &e) < 0)
		return complain(&e, BAD_LINE);
	for (size_t k = 0; k < N_KINDS; k++)
		for (size_t i = 0; i < p.n; i++) {
			int done = p.at[i].kind == order[k] ? unmake(f, &p.at[i], &e) : 0;

			if (done < 0)
				status = complain(&e, EXIT_FAILURE);
			else if (done)
				part_print(&p.at[i]);
		}
	parts_release(&p);
	return status;
}

int list_sets(enum family f)
{
	struct parts p = { 0 };
	struct err e;

	if (ipset_list(f, &p, &e) < 0)
		return complain(&e, EXIT_FAILURE);
	for (size_t i = 0; i < p.n; i++)
		part_print(&p.at[i]);
	parts_release(&p);
	return EXIT_SUCCESS;
}
