#include "read_back.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feed.h"
#include "look.h"
#include "own.h"

static void say_line(void *readback, struct text *to, struct span line)
{
	readback_line(readback, to, line);
}

struct stream_filter read_back_filter(struct readback *readback)
{
	return (struct stream_filter){ .fd = STDOUT_FILENO, .say = say_line, .state = readback };
}

int read_back(struct shim *s, char *argv[], struct readback readback, struct err *e)
{
	const struct stream_filter output = read_back_filter(&readback);
	const struct feed_job job = {
		.real = &s->real, .argv = argv, .rules = -1, .filters = &output, .n_filters = 1,
	};
	int status;

	if (feed_real(&job, &status, e) < 0)
		return -1;
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
	read_back(s, a.file ? argv : s->argv, (struct readback){ 0 }, &e);
	log_note(&s->log, LOG_ERR, e.text);
	return shim_exec(s);
}
