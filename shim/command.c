#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(int argc, char *argv[]);
	const char *usage, *what;
} commands[] = {
	{ "diff", command_diff, "[-4|-6] [--backend legacy|nft] [--assume CLASS] [FILE]",
	  "what would change in a ruleset, as a unified diff" },
	{ "rewrite", command_rewrite, "[-4|-6] [--backend legacy|nft] [--assume CLASS] [FILE]",
	  "the ruleset as it would be loaded" },
	{ "explain", command_explain, "[-4|-6] [--backend legacy|nft] [--assume CLASS] [FILE]",
	  "each MARK rule: what becomes of it, and why" },
	{ "probe", command_probe, "[--json]", "what this kernel accepts" },
	{ "status", command_status, "[--json|--prometheus]",
	  "whether it is needed and works on this machine" },
	{ "doctor", command_doctor, "[--json] [--log FILE|-]",
	  "what to look at when rules do not load, and what a client's log is about" },
	{ "clean", command_clean, "", "remove the helper chains that no rule uses" },
	{ "enable", command_enable, "[--ipv4] [--all-names]",
	  "stand in front of the real programs, by the alternatives" },
	{ "disable", command_disable, "", "stand aside again" },
	{ "install", command_install, "--dir DIR [--ipv4] [--all-names]",
	  "stand in front by links in a directory, where there are no alternatives" },
	{ "uninstall", command_uninstall, "--dir DIR", "take those links away again" },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

int command_fail(const char *subcommand, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "markshim %s: ", subcommand);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return COMMAND_TROUBLE;
}

static void usage(FILE *to)
{
	fputs("usage:\n", to);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(to, "  markshim %s %s\n\t%s\n", commands[i].name, commands[i].usage,
			commands[i].what);
	fputs("  markshim (ip|ip6)tables[-nft|-legacy][-restore|-save] ARGUMENTS\n"
	      "\tstand in for that program, as under its name\n"
	      "  markshim --version | --help\n"
	      "\nCLASS is typo, nft-only, maskreject, no-module or healthy.  See markshim(8).\n", to);
}

/* Output that could not be written is no success. */
static int flushed(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	perror("markshim: standard output");
	return COMMAND_TROUBLE;
}

int command_main(int argc, char *argv[])
{
	const char *name = argc > 0 ? argv[0] : "";

	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		usage(stdout);
		return flushed(0);
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		puts("markshim " VERSION);
		return flushed(0);
	}
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return flushed(commands[i].run(argc, argv));
	if (*name)
		fprintf(stderr, "markshim: `%s' is no command\n", name);
	usage(stderr);
	return COMMAND_TROUBLE;
}
