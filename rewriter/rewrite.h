/* rewrite.h - a ruleset in, the same ruleset in words that a kernel takes out. */
#ifndef REWRITE_H
#define REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "declared.h"
#include "err.h"
#include "form.h"
#include "helper.h"
#include "kernel.h"
#include "lexer.h"
#include "mark.h"
#include "rule.h"
#include "span.h"
#include "table.h"
#include "text.h"

/* What is rewritten, and for whom.  Everything is borrowed and kept. */
struct rewrite_job {
	struct span rules;		/* as fed to *-restore; any bytes */
	enum family family;
	enum backend backend;		/* unknown: no form that needs to know is used */
	const struct kernel *kernel;
	const struct form_order *order;
	bool exact_only;		/* a form that is less than exact is none */
	struct form_asker *asker;	/* or NULL */
	bool noflush;			/* --noflush: what a table has stays */
	bool nflog_by_target;		/* -j NFLOG needs the kernel's target of that name */
	bool drop_nflog;		/* where the kernel lacks that, the rule goes */
	const char *only_table;		/* -T: other tables are not parsed; NULL: all are */
	bool tell_kept;			/* tell of MARK rules that this kernel takes as well */
};

enum rewrite_fate {
	REWRITE_DROPPED,	/* the kernel lacks its target, and it is left out */
	REWRITE_CHANGED,	/* the real program would refuse the rule, and it reads otherwise now */
	REWRITE_STUCK,		/* it can't be helped, so the ruleset must pass as it came */
	REWRITE_KEPT,		/* the kernel takes it */
};

enum rewrite_reason {
	REWRITE_REFUSED,	/* the kernel refuses it */
	REWRITE_IGNORED,	/* so it does, though the rule is for the other family and does nothing */
	REWRITE_NO_FORM,	/* stuck: no form says it in this table on this kernel */
	REWRITE_TOO_LONG,	/* stuck: what it would become doesn't fit the line it stands in */
	REWRITE_MEDDLED,	/* stuck: the input does with a helper chain what only its owner may */
	REWRITE_NO_NFLOG,	/* stuck or dropped: the kernel lacks the target NFLOG; there is no op */
	REWRITE_HIDDEN,		/* stuck: a chain of the kernel's has the name of MARK or a form's target */
	REWRITE_NO_MATCH,	/* stuck: the kernel lacks the match `mark`; the rule may have no op */
};

/* What became of one MARK rule. */
struct rewrite_change {
	enum rewrite_fate fate;
	enum rewrite_reason reason;
	size_t line;			/* in the input, from 1, as the real program counts */
	enum table table;
	const char *chain;		/* terminated; "" if the line names none */
	struct mark_op op;
	const struct form *form;	/* that says it now; NULL if none does */
	bool mask_only;			/* MARK is there, only its mask is refused */
	struct span was, is;		/* the rule, without helper chain and newline */
};

/*
 * The output is a sequence of pieces, each standing for a part of the input.
 * Nothing is copied but what changes: `out` of an unchanged piece is `in` itself.
 */
struct rewrite_piece {
	struct span in;			/* borrowed from the job's rules */
	struct span out;		/* `in`, or good until the next call */
	size_t line;			/* number of in's first line; set only if out differs */
	size_t lines_in, lines_out;	/* likewise: how many lines both are */
	const struct rewrite_change *change;	/* NULL for what is no rule of its own */
};

/* Helper chain, its rules, and the rule itself. */
#define REWRITE_OUT_MAX (LEXER_LINE_MAX + 1 + FORM_CHAIN_TEXT_MAX + HELPER_NAME_MAX)

/*
 * What the forms need beside the rules, a line each, as markshim-kernel reads it:
 * "set VALUE MASK" and "chain TABLE VALUE MASK", in hex.
 */
struct rewrite_parts {
	struct text before;	/* to be made before the rules are loaded */
	struct text after;	/* chains that will be there then, and empty: to be filled */
};

struct rewrite {
	struct rewrite_job job;
	struct span rest;		/* not read yet */
	struct span run;		/* read, unchanged, not given out yet */
	size_t line;			/* number of the line that was read last */
	enum table table;
	bool in_table;			/* between *TABLE and COMMIT */
	bool emptied;			/* a -F or -X was for all chains of this table */
	struct kernel kernel;		/* job's, less what the input's chains hide */
	struct declared declared;
	struct rewrite_parts *parts;	/* to be noted here, or NULL */
	struct rewrite_piece next;	/* to be given out after `run` */
	struct rewrite_change change;
	struct lexer_words words;
	struct rule rule;
	size_t out_len;
	char out[REWRITE_OUT_MAX];
};

/*
 * Folds and rewrites at once, in one pass:
 * - a MARK rule that the kernel would refuse becomes a jump to a helper chain,
 *   which is declared and filled before its first use in each table;
 * - helper chains that the input holds already are dropped, and jumps to them
 *   are taken for the MARK rules they stand for.  So doing it twice is the same
 *   as doing it once, and on a kernel that has MARK this alone takes place;
 * - a MARK rule for the other family, which the real program would pass over if
 *   it could read it, loses its target;
 * - every other byte stays.  So does a MARK rule that the real program will
 *   refuse anyway, and a helper chain no form could replace.
 *
 * Where the match `mark` is missing along with MARK, a rule that has it is stuck:
 * legacy refuses it, and iptables-nft 1.8.9 takes it for one of revision 0, so that
 * it would load, and match other packets.
 *
 * Usage: rewrite_begin(), rewrite_next() until it returns 0, rewrite_end().
 * The struct is some 50 kB; nothing is allocated but one table entry for each
 * distinct operation.
 */
void rewrite_begin(struct rewrite *r, const struct rewrite_job *job);

/*
 * Returns 1 with *piece filled, 0 at the end, or -1 with *e set if memory ran
 * out; then the input is to be used as it was.
 */
int rewrite_next(struct rewrite *r, struct rewrite_piece *piece, struct err *e);

void rewrite_end(struct rewrite *r);

/*
 * What a rewrite of the whole job would come to.  A ruleset with a rule that is
 * stuck can't load, and to load a part of it that would not have loaded before
 * makes nothing better: it is to be fed as it came.
 */
struct rewrite_survey {
	size_t lines, changed, stuck, dropped;
	bool differs;		/* the output is not the input */
	size_t pieces;		/* up to the last with a change; what is behind it stays */
	struct rewrite_parts parts;
};

/*
 * Takes *r for its work.  Returns 0, or -1 with *e set if there was no memory.  The
 * parts are to be released by rewrite_survey_release() in any case.
 */
int rewrite_survey(struct rewrite_survey *s, struct rewrite *r, const struct rewrite_job *job,
		   struct err *e);

void rewrite_survey_release(struct rewrite_survey *s);

/* Why that became of the rule, as a short phrase. */
#define REWRITE_WHY_MAX 160
void rewrite_why(char text[static REWRITE_WHY_MAX], const struct rewrite_change *c,
		 enum family family);

/* What the operator can do about an unsupported rule; "" if there is nothing. */
const char *rewrite_help(enum rewrite_reason reason);

#endif
