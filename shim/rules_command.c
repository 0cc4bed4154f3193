/* diff, rewrite and explain: a ruleset is read, and nothing is loaded. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asked.h"
#include "command.h"
#include "diff.h"
#include "escape.h"
#include "input.h"
#include "own.h"
#include "probe.h"
#include "rewrite.h"
#include "shim.h"
#include "tried.h"

struct rules {
	const char *command;
	enum family family;
	enum backend backend;
	enum kernel_class assume;
	const char *name;		/* of the file, for people */
	struct conf conf;
	struct asked asked;
	struct shim shim;		/* of the drop-in that would be run */
	struct tried tried;
	struct input input;
	struct rewrite_job job;
	struct rewrite_survey survey;
};

static int parse_option(struct rules *r, int c)
{
	switch (c) {
	case '4':
	case '6':
		r->family = c == '4' ? FAMILY_IPV4 : FAMILY_IPV6;
		return 0;
	case 'a':
		r->assume = class_find(optarg);
		return r->assume != CLASS_UNKNOWN ? 0
			: command_fail(r->command, "--assume: `%s' is no class of kernels", optarg);
	case 'b':
		for (enum backend b = BACKEND_LEGACY; b <= BACKEND_NFT; b++)
			if (!strcmp(backend_name(b), optarg))
				return r->backend = b, 0;
		return command_fail(r->command, "--backend: `%s' is neither legacy nor nft", optarg);
	default:
		return command_fail(r->command, "see markshim --help");
	}
}

static int parse_options(struct rules *r, int argc, char *argv[])
{
	static const struct option names[] = {
		{ "ipv4",	no_argument,		NULL, '4' },
		{ "ipv6",	no_argument,		NULL, '6' },
		{ "assume",	required_argument,	NULL, 'a' },
		{ "backend",	required_argument,	NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "46", names, NULL)) != -1)
		if (parse_option(r, c))
			return COMMAND_TROUBLE;
	if (argc - optind > 1)
		return command_fail(r->command, "one file at a time, not `%s' and `%s'",
				    argv[optind], argv[optind + 1]);
	r->name = optind < argc ? argv[optind] : "-";
	return 0;
}

/* The backend of the restore program that the drop-in would run. */
static enum backend find_backend(const struct rules *r)
{
	const struct applet a = { .family = r->family, .kind = APPLET_RESTORE };
	char name[APPLET_NAME_MAX];
	struct real real;
	struct err e;
	int status;

	applet_name(name, a);
	if (real_find(&real, a, &r->conf, &e, &status) < 0)
		return BACKEND_UNKNOWN;
	return real_backend(&real, a, &r->conf, name);
}

static int ask(struct rules *r)
{
	struct err e;

	if (r->assume == CLASS_UNKNOWN && asked_assumption(&r->assume, &r->conf, &e) < 0)
		return command_fail(r->command, "%s", e.text);
	if (r->backend == BACKEND_UNKNOWN)
		r->backend = find_backend(r);
	r->asked = asked_for(r->family, r->backend, r->assume);
	if (!r->asked.why)
		return 0;
	return command_fail(r->command, "cannot ask this kernel what it accepts for %s (%s%s): "
			    "ask as root, or name a class with --assume",
			    family_name(r->family), backend_name(r->backend),
			    r->asked.why == EPERM ? ", no CAP_NET_ADMIN" : "");
}

static int read_rules(struct rules *r)
{
	OWN_FD int file = -1;
	int fd = STDIN_FILENO;
	struct err e;

	if (strcmp(r->name, "-") != 0) {
		fd = file = open(r->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (file < 0)
			return command_fail(r->command, "%s: %s", r->name, strerror(errno));
	} else if (isatty(fd)) {
		fprintf(stderr, "markshim %s: reading rules from the terminal, up to ^D\n",
			r->command);
	}
	if (input_read(&r->input, fd, &e) < 0)
		return command_fail(r->command, "%s: %s", fd == STDIN_FILENO ? "standard input"
				    : r->name, e.text);
	return 0;
}

/* As the drop-in does: a rule that is stuck keeps the whole ruleset as it is. */
static int survey(struct rules *r)
{
	OWN_MEM struct rewrite *rewrite = malloc(sizeof(*rewrite));
	struct err e = { "no memory to rewrite in" };

	if (!rewrite || rewrite_survey(&r->survey, rewrite, &r->job, &e) < 0)
		return command_fail(r->command, "%s", e.text);
	if (r->survey.stuck)
		fprintf(stderr, "markshim %s: %zu rule%s can't be helped (see markshim explain), so the "
			"whole ruleset would pass as it is\n", r->command, r->survey.stuck,
			r->survey.stuck == 1 ? "" : "s");
	return 0;
}

static int begin(struct rules *r, int argc, char *argv[])
{
	struct form_asker *asker;
	struct err e;

	*r = (struct rules){ .command = argv[0], .family = FAMILY_IPV6, .input.fd = -1 };
	if (parse_options(r, argc, argv))
		return COMMAND_TROUBLE;
	if (shim_read_conf(&r->conf, &e) < 0)
		fprintf(stderr, "markshim %s: %s; the defaults are used\n", r->command, e.text);
	if (ask(r) || read_rules(r))
		return COMMAND_TROUBLE;
	r->shim.applet = (struct applet){ .family = r->family, .kind = APPLET_RESTORE };
	r->shim.conf = r->conf;
	/* for another machine, what is missing on this one says nothing */
	asker = r->asked.assumed ? NULL
		: tried_begin(&r->tried, &r->shim, r->backend, &r->asked);
	r->job = (struct rewrite_job){
		.rules = input_span(&r->input),
		.family = r->family,
		.kernel = &r->asked.kernel,
		.backend = r->backend,
		.order = &r->conf.forms,
		.exact_only = r->conf.refuse_inexact,
		.asker = asker,
		.nflog_by_target = asker || r->backend == BACKEND_LEGACY,
		.drop_nflog = r->conf.drop_unsupported,
	};
	return survey(r);
}

static void end(struct rules *r)
{
	rewrite_survey_release(&r->survey);
	input_release(&r->input);
}

int command_diff(int argc, char *argv[])
{
	const char *plain = getenv("NO_COLOR");
	struct diff_style style = { .colour = isatty(STDOUT_FILENO) && !(plain && *plain) };
	struct text out = { 0 };
	struct rules r;
	struct err e;
	int status = begin(&r, argc, argv);

	const char *name = r.name && strcmp(r.name, "-") != 0 ? r.name : "stdin";

	if (!status && !r.survey.stuck && diff_rewrite(&out, &r.job, name, style, &e) < 0)
		status = command_fail(r.command, "%s", e.text);
	if (!status && out.len) {
		fwrite(out.at, 1, out.len, stdout);
		status = COMMAND_DIFFERS;
	}
	text_release(&out);
	end(&r);
	return status;
}

typedef void piece_handler(const struct rules *r, const struct rewrite_piece *p);

static int for_each_piece(struct rules *r, piece_handler *handle)
{
	OWN_MEM struct rewrite *rewrite = malloc(sizeof(*rewrite));
	struct rewrite_piece p;
	struct err e;
	int more;

	if (!rewrite)
		return command_fail(r->command, "no memory to rewrite in");
	rewrite_begin(rewrite, &r->job);
	while ((more = rewrite_next(rewrite, &p, &e)) == 1)
		handle(r, &p);
	rewrite_end(rewrite);
	return more < 0 ? command_fail(r->command, "%s", e.text) : 0;
}

static void print_piece(const struct rules *r, const struct rewrite_piece *p)
{
	const struct span *s = r->survey.stuck ? &p->in : &p->out;

	fwrite(s->at, 1, s->len, stdout);
}

int command_rewrite(int argc, char *argv[])
{
	struct rules r;
	int status = begin(&r, argc, argv);

	if (!status)
		status = for_each_piece(&r, print_piece);
	end(&r);
	return status;
}

static void print_rule(const char *head, struct span rule)
{
	OWN_TEXT struct text shown = { 0 };

	escape_text(&shown, rule, SIZE_MAX);
	printf("  %-8s%s\n", head, shown.at ? shown.at : "");
}

/* Where one rule is stuck, the others could be rewritten, but are not. */
static const char *fate_of(const struct rules *r, const struct rewrite_change *c)
{
	switch (c->fate) {
	case REWRITE_STUCK:
		return "stuck: stays, and so does the whole ruleset";
	case REWRITE_DROPPED:
		return "dropped";
	case REWRITE_KEPT:
		return "stays";
	default:
		return r->survey.stuck ? "stays, since another rule is stuck" : "rewritten";
	}
}

static void explain_piece(const struct rules *r, const struct rewrite_piece *p)
{
	const struct rewrite_change *c = p->change;
	OWN_TEXT struct text chain = { 0 };
	char why[REWRITE_WHY_MAX];

	if (!c)
		return;
	escape_text(&chain, span_of(c->chain), SIZE_MAX);
	rewrite_why(why, c, r->family);
	printf("line %zu, table %s, chain %s: %s\n", c->line, table_name(c->table),
	       chain.at ? chain.at : "", fate_of(r, c));
	print_rule("rule", c->was);
	if (c->fate == REWRITE_CHANGED)
		print_rule(r->survey.stuck ? "alone" : "becomes", c->is);
	if (c->reason != REWRITE_NO_MATCH && c->reason != REWRITE_NO_NFLOG)
		printf("  %-8smark = (mark & ~0x%" PRIx32 ") ^ 0x%" PRIx32 "\n", "means", c->op.mask,
		       c->op.value);
	printf("  %-8s%s (class %s%s)\n", "reason", why, class_name(r->asked.class),
	       r->asked.assumed ? ", assumed" : "");
	if (c->form)
		printf("  %-8s%s: %s\n", "form", c->form->name,
		       form_is_exact(c->form, c->table) ? "exact here" : c->form->caveat);
}

int command_explain(int argc, char *argv[])
{
	struct rules r;
	int status = begin(&r, argc, argv);

	r.job.tell_kept = true;
	if (!status)
		status = for_each_piece(&r, explain_piece);
	end(&r);
	return status;
}
