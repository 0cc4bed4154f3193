/* enable, disable, install, uninstall: markshim in front of the real programs, and away again. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "front.h"
#include "group.h"
#include "links.h"
#include "look.h"
#include "own.h"
#include "real.h"
#include "shim.h"
#include "state.h"
#include "store.h"

#define DISABLED "disabled"		/* in REAL_RECORD_DIR: somebody wants it off */

struct choice {
	bool ipv4, all_names, scriptlet;
	const char *dir;
};

static const struct option options[] = {
	{ "ipv4",	no_argument,		NULL, '4' },
	{ "all-names",	no_argument,		NULL, 'a' },
	{ "dir",	required_argument,	NULL, 'd' },
	{ "installed",	no_argument,		NULL, 's' },
	{ "removing",	no_argument,		NULL, 's' },
	{ NULL, 0, NULL, 0 },
};

/* Each subcommand has some of the options.  Returns 0, or COMMAND_TROUBLE. */
static int parse(struct choice *c, int argc, char *argv[], const char *takes)
{
	const char *name = argv[0];
	int option, which = -1;

	*c = (struct choice){ 0 };
	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, "", options, &which)) != -1) {
		if (option == '?' || which < 0 || !strstr(takes, options[which].name))
			return command_fail(name, "`%s': no such option", argv[optind - 1]);
		c->ipv4 |= option == '4';
		c->all_names |= option == 'a';
		c->scriptlet |= option == 's';
		if (option == 'd')
			c->dir = optarg;
	}
	if (optind < argc)
		return command_fail(name, "`%s': it takes no arguments", argv[optind]);
	if (!c->dir && strstr(takes, "dir"))
		return command_fail(name, "the option --dir DIR is missing");
	return geteuid() == 0 ? 0 : command_fail(name, "only root may do that");
}

/* What has been done goes to standard output in any case. */
static int report(const char *name, struct text *said, int result, const struct err *e)
{
	fputs(said->at ? said->at : "", stdout);
	text_release(said);
	return result < 0 ? command_fail(name, "%s", e->text) : 0;
}

/* What was on when it was switched off: "yes", and the options by which that comes back. */
static bool was_disabled(char text[static 32])
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, false);

	*text = '\0';
	return dir >= 0 && store_read(dir, DISABLED, text, 32) > 0;
}

static int set_disabled(struct err *e)
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, true);
	char text[32];

	if (dir < 0)
		return err_sys(e, "the directory `%s'", REAL_RECORD_DIR);
	if (was_disabled(text))
		return 0;
	snprintf(text, sizeof(text), "yes%s%s\n", group_has_ipv4() ? " ipv4" : "",
		 links_are_in(LINKS_ALL_NAMES) ? " all-names" : "");
	return store_write(dir, DISABLED, text) == 0 ? 0
		: err_sys(e, "writing `%s/%s'", REAL_RECORD_DIR, DISABLED);
}

static void set_enabled(void)
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, false);

	if (dir >= 0)
		unlinkat(dir, DISABLED, 0);
}

static void tell(enum family family)
{
	char command[FRONT_COMMAND_MAX];
	struct front f;

	front_read(&f, family);
	if (f.active) {
		printf("markshim is in front of the group %s\n", f.group);
		return;
	}
	front_selection(command, &f);
	printf("markshim is NOT in force: the group %s %s %s; to activate it: %s\n", f.group,
	       f.pinned ? "is pinned to" : "prefers", *f.selected ? f.selected : "nothing", command);
}

static int enable(const struct choice *c, struct err *e)
{
	const bool ipv4 = c->ipv4 || group_has_ipv4();
	struct alternatives a;
	/* where one group has both families, the first call is all */
	bool one_group;

	if (group_enable(FAMILY_IPV6, ipv4, e) < 0)
		return -1;
	tell(FAMILY_IPV6);
	one_group = alternatives_open(&a, FAMILY_IPV6) == 0 && !strcmp(a.group, "iptables");
	if (!ipv4 || one_group)
		return 0;
	if (group_enable(FAMILY_IPV4, true, e) < 0)
		return -1;
	tell(FAMILY_IPV4);
	return 0;
}

int command_enable(int argc, char *argv[])
{
	struct text said = { 0 };
	struct choice c;
	struct conf conf;
	struct err e;
	char was[32];
	int result;

	if (parse(&c, argc, argv, "ipv4 all-names installed") != 0)
		return COMMAND_TROUBLE;
	if (access(FRONT_PROGRAM, X_OK) < 0)
		return command_fail(argv[0], "`" FRONT_PROGRAM "' is not there: it is for an installed "
				    "markshim");
	if (was_disabled(was) && c.scriptlet) {
		puts("markshim stays disabled; `markshim enable' puts it in front");
		return 0;
	}
	c.ipv4 |= strstr(was, "ipv4") != NULL;
	c.all_names |= strstr(was, "all-names") != NULL;
	shim_read_conf(&conf, &e);
	set_enabled();
	result = enable(&c, &e);
	if (result == 0 && c.all_names)
		result = links_put(LINKS_ALL_NAMES,
				   (struct links_names){ .of_backends = true, .ipv4 = c.ipv4 },
				   FRONT_PROGRAM, &conf, &said, &e);
	return report(argv[0], &said, result, &e);
}

/* Without a look first, the programs that clean would load modules to find nothing. */
static bool has_helpers(void)
{
	for (enum family f = 0; f < FAMILY_COUNT; f++)
		for (enum backend b = BACKEND_LEGACY; b <= BACKEND_NFT; b++)
			if (look_helpers((struct look){ .backend = b, .family = f },
					 TABLE_UNKNOWN) == ANSWER_YES)
				return true;
	return false;
}

static void clean(void)
{
	static char name[] = "clean";

	if (has_helpers())
		command_clean(1, (char *[]){ name, NULL });
}

int command_disable(int argc, char *argv[])
{
	struct text said = { 0 };
	struct choice c;
	struct err e;
	int result;

	if (parse(&c, argc, argv, "removing") != 0)
		return COMMAND_TROUBLE;
	/* IPv4's group first: where there is one for both, nothing is left to do for it */
	result = (!c.scriptlet && set_disabled(&e) < 0) ||
		group_disable(FAMILY_IPV4, &e) < 0 || group_disable(FAMILY_IPV6, &e) < 0 ||
		links_take(NULL, &said, &e) < 0 ? -1 : 0;
	if (result == 0 && c.scriptlet)
		clean();
	return report(argv[0], &said, result, &e);
}

/* The program that runs now, by which the links have to find it. */
static int own_path(char path[static PATH_MAX], struct err *e)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

	path[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : err_sys(e, "the path of this program (/proc/self/exe)");
}

int command_install(int argc, char *argv[])
{
	struct text said = { 0 };
	char program[PATH_MAX];
	struct choice c;
	struct conf conf;
	struct err e;
	int result;

	if (parse(&c, argc, argv, "dir ipv4 all-names") != 0)
		return COMMAND_TROUBLE;
	shim_read_conf(&conf, &e);
	result = own_path(program, &e) < 0 ? -1
		: links_put(c.dir, (struct links_names){ true, c.all_names, c.ipv4 }, program, &conf,
			    &said, &e);
	return report(argv[0], &said, result, &e);
}

int command_uninstall(int argc, char *argv[])
{
	struct text said = { 0 };
	char dir[PATH_MAX];
	struct choice c;
	struct err e;
	int taken, result;

	if (parse(&c, argc, argv, "dir") != 0)
		return COMMAND_TROUBLE;
	taken = links_take(c.dir, &said, &e);
	if (taken == 0)
		taken = err_set(&e, "there is no record of links in `%s'", c.dir);
	result = report(argv[0], &said, taken, &e);
	if (result == 0 && access(FRONT_PROGRAM, F_OK) < 0 && links_directory(dir) < 0) {
		/* there is no package, whose removal would do that */
		clean();
		store_remove(STATE_DIR);
		store_remove(REAL_RECORD_DIR);
	}
	return result;
}
