#include "read_back.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "feed.h"
#include "lexer.h"
#include "look.h"
#include "look_nft.h"
#include "own.h"
#include "process.h"

#define ATTEMPTS 10
#define SAID_MAX 4096
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void say_line(void *readback, struct text *to, struct span line)
{
	readback_line(readback, to, line);
}

struct stream_filter read_back_filter(struct readback *readback)
{
	return (struct stream_filter){ .fd = STDOUT_FILENO, .say = say_line, .state = readback };
}

/* What a run said, until it is known how that ended. */
struct heard {
	struct readback *readback;
	struct text out, err;
};

static void hear(void *heard, struct text *to, struct span line)
{
	struct heard *h = heard;

	(void)to;
	readback_line(h->readback, &h->out, line);
}

static void keep(void *kept, struct text *to, struct span line)
{
	(void)to;
	text_span(kept, line);
}

/*
 * Runs it once; what it says on standard error is kept, and what nf_tables let it
 * print.  Returns 0, or -1 with *e set.
 */
static int run(const struct shim *s, char *argv[], struct heard *h, int *status, struct err *e)
{
	const struct stream_filter outputs[] = {
		shim_backend(s) != BACKEND_NFT ? read_back_filter(h->readback)
			: (struct stream_filter){ .fd = STDOUT_FILENO, .say = hear, .state = h },
		{ .fd = STDERR_FILENO, .say = keep, .state = &h->err },
	};
	const struct feed_job job = {
		.real = &s->real, .argv = argv, .rules = -1, .filters = outputs,
		.n_filters = COUNT(outputs),
	};

	return feed_real(&job, status, e);
}

/*
 * iptables-nft 1.8.8 and later end with this status at the rule of a helper chain that
 * nftables has made, which is after all other rules.  If all of those have been
 * printed, that is where it ended; otherwise there is a rule in the table that it can't read.
 */
#define CANNOT_READ 3	/* OTHER_PROBLEM + 1; nft_rule_print_save() */

static bool may_end_at_helper(enum backend b, const struct readback *r, int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_READ && b == BACKEND_NFT &&
		r->table != TABLE_UNKNOWN;
}

static bool ended_at_helper(enum backend b, enum family f, const struct readback *r, int status)
{
	size_t rules;

	return may_end_at_helper(b, r, status) && look_nft_count(f, r->table, &rules) == 0 &&
		rules == r->rules;
}

bool read_back_is_whole(enum backend b, enum family f, enum table t, struct span saved, int status)
{
	struct readback r = { .table = t };
	OWN_TEXT struct text unused = { 0 };
	struct span line;

	while (lexer_line(&saved, &line))
		readback_line(&r, &unused, line);
	return ended_at_helper(b, f, &r, status);
}

/* What it says of that rule, in three lines; anything else is the caller's. */
static void pass_on(struct text *said, bool at_helper)
{
	static const char *const about_it[] = {
		"Error: meta sreg ", "Parsing nftables rule failed", "Perhaps ",
	};
	struct span rest = { said->at, said->len }, line;

	while (lexer_line(&rest, &line)) {
		bool drops = false;

		for (size_t i = 0; at_helper && i < COUNT(about_it); i++)
			drops |= memmem(line.at, line.len, about_it[i], strlen(about_it[i])) != NULL;
		if (!drops)
			fwrite(line.at, 1, line.len, stderr);
	}
	text_release(said);
}

/* A reader that is gone ends us by the signal that would have ended the program. */
static void say_heard(struct text *out)
{
	process_give_back();
	if (!out->failed && out->len)
		fwrite(out->at, 1, out->len, stdout);
	fflush(stdout);
	process_begin();
	text_release(out);
}

/*
 * Returns 0, or -1 with *e set; then nothing was run.  Where the rules are not as many
 * as were printed somebody may have changed them since, so it is run again.
 */
static int run_to_end(const struct shim *s, char *argv[], enum family f, struct readback *r,
		      bool *at_helper, int *status, struct err *e)
{
	const struct readback first = *r;
	struct heard h = { .readback = r };
	int tries = ATTEMPTS;

	do {
		text_release(&h.out);
		text_release(&h.err);
		*r = first;
		if (run(s, argv, &h, status, e) < 0)
			return -1;
		*at_helper = ended_at_helper(shim_backend(s), f, r, *status);
	} while (!*at_helper && may_end_at_helper(shim_backend(s), r, *status) && --tries);
	if (*at_helper)
		*status = 0;
	if (h.out.failed)
		*status = W_EXITCODE(EXIT_FAILURE, 0);
	if (h.out.failed || h.err.failed)
		fprintf(stderr, "markshim: %s: no memory for what the real program said\n", s->name);
	say_heard(&h.out);
	pass_on(&h.err, *at_helper);
	return 0;
}

int read_back(struct shim *s, char *argv[], struct readback readback, const char *const then[],
	      struct err *e)
{
	const struct capture_job more = {
		.path = s->real.path, .argv = then, .input = -1, .errors_too = true,
	};
	OWN_TEXT struct text said = { 0 };
	bool at_helper;
	int status;

	if (run_to_end(s, argv, s->applet.family, &readback, &at_helper, &status, e) < 0)
		return -1;
	if (at_helper && then && status == 0) {
		/* what is printed can't be taken back */
		if (capture(&more, &said, SAID_MAX, &status, e) < 0)
			status = W_EXITCODE(EXIT_FAILURE, 0);
		fputs(said.at ? said.at : "", stderr);
	}
	log_end(&s->log);
	feed_end_like(status);
}

/* The command line of *-save, 1.8.2 to 1.8.11. */
struct save_args {
	const char *table, *file, *modprobe;
	bool counters;
	char family;		/* '4', '6', or '\0' for the program's own */
};

static const char letters[] = "bcdt:M:f:46V";

static const struct option names[] = {
	{ "counters",	no_argument,		NULL, 'c' },
	{ "version",	no_argument,		NULL, 'V' },
	{ "dump",	no_argument,		NULL, 'd' },
	{ "table",	required_argument,	NULL, 't' },
	{ "modprobe",	required_argument,	NULL, 'M' },
	{ "file",	required_argument,	NULL, 'f' },
	{ "ipv4",	no_argument,		NULL, '4' },
	{ "ipv6",	no_argument,		NULL, '6' },
	{ NULL, 0, NULL, 0 },
};

/* Returns false where the real program saves nothing, or the line is one that we don't know. */
static bool parse(struct save_args *a, int argc, char *argv[])
{
	int c;

	opterr = 0;
	optind = 0;	/* glibc: start anew */
	while ((c = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		switch (c) {
		case 'c':
			a->counters = true;
			break;
		case 'b':
		case 'd':	/* without a meaning of their own */
			break;
		case 't':
			a->table = optarg;
			break;
		case 'M':
			a->modprobe = optarg;
			break;
		case 'f':
			a->file = optarg;
			break;
		case '4':
		case '6':
			a->family = (char)c;
			break;
		default:
			return false;
		}
	}
	return optind == argc;
}

/* The same without the file, which is the standard output by now. */
static void say_args(char *argv[static 10], const struct shim *s, const struct save_args *a)
{
	size_t n = 0;

	argv[n++] = s->argv[0];
	if (a->counters)
		argv[n++] = (char *)"-c";
	if (a->table) {
		argv[n++] = (char *)"-t";
		argv[n++] = (char *)a->table;
	}
	if (a->modprobe) {
		argv[n++] = (char *)"-M";
		argv[n++] = (char *)a->modprobe;
	}
	if (a->family)
		argv[n++] = (char *)(a->family == '4' ? "-4" : "-6");
	argv[n] = NULL;
}

/* As the real program opens it; what it would say of a failure it says itself. */
static bool open_output(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bool opened = fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0;

	own_close(&fd);
	return opened;
}

/* What follows a table's rules. */
static void end_table(void)
{
	time_t now = time(NULL);

	printf("COMMIT\n# Completed on %s", ctime(&now));
	fflush(stdout);
}

/* The tables after `t`, in the order of iptables-nft: enum nft_table_type in its nft.h. */
static const enum table *tables_after(enum table t)
{
	static const enum table order[] = {
		TABLE_MANGLE, TABLE_SECURITY, TABLE_RAW, TABLE_FILTER, TABLE_NAT, TABLE_UNKNOWN
	};
	const enum table *next = order;

	while (*next != TABLE_UNKNOWN && *next++ != t)
		;
	return next;
}

/* A table each that ended at a helper chain. */
static int save_others(const struct shim *s, struct save_args a, enum family f, enum table first,
		       struct err *e)
{
	for (const enum table *t = tables_after(first); *t != TABLE_UNKNOWN; t++) {
		struct readback r = { .table = *t };
		bool at_helper;
		char *argv[10];
		int status;

		if (look_nft_table(f, *t) != ANSWER_YES)
			continue;
		a.table = table_name(*t);
		say_args(argv, s, &a);
		if (run_to_end(s, argv, f, &r, &at_helper, &status, e) < 0)
			return W_EXITCODE(EXIT_FAILURE, 0);
		if (at_helper)
			end_table();
		if (status)
			return status;
	}
	return 0;
}

/* Returns -1 with *e set if nothing was run. */
static int save(struct shim *s, const struct save_args *a, enum family f, char *argv[],
		struct err *e)
{
	struct readback r = { .table = TABLE_UNKNOWN };
	bool at_helper;
	int status;

	if (run_to_end(s, argv, f, &r, &at_helper, &status, e) < 0)
		return -1;
	if (at_helper && r.in_table) {
		end_table();
		if (!a->table)
			status = save_others(s, *a, f, r.table, e);
	}
	log_end(&s->log);
	feed_end_like(status);
}

int save_main(struct shim *s)
{
	OWN_MEM char **copy = calloc((size_t)s->argc + 1, sizeof(*copy));
	struct save_args a = { 0 };
	struct look l = { .family = s->applet.family };
	char *argv[10];
	struct err e;

	if (!copy)
		return shim_exec(s);
	/* getopt moves the words about */
	memcpy(copy, s->argv, (size_t)s->argc * sizeof(*copy));
	if (!parse(&a, s->argc, copy))
		return shim_exec(s);
	l.backend = shim_backend(s);
	if (a.family)
		l.family = a.family == '4' ? FAMILY_IPV4 : FAMILY_IPV6;
	if (look_helpers(l, a.table ? table_find(span_of(a.table)) : TABLE_UNKNOWN) != ANSWER_YES ||
	    (a.file && !open_output(a.file)))
		return shim_exec(s);
	if (a.file)
		say_args(argv, s, &a);
	save(s, &a, l.family, a.file ? argv : s->argv, &e);
	log_note(&s->log, LOG_ERR, e.text);
	return shim_exec(s);
}
