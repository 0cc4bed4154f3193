/* status: what is in force, in words. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "asked.h"
#include "command.h"
#include "cure.h"
#include "probe.h"
#include "second.h"
#include "shim.h"

enum { STATUS_ACTIVE = 0, STATUS_NOT_NEEDED = 1, STATUS_BROKEN = 2 };

static void print_log(const struct conf *c)
{
	printf("log:              %s%s%s%s%s\n", c->log_syslog ? " syslog" : "",
	       c->log_stderr ? " stderr" : "", *c->log_file ? " " : "", c->log_file,
	       c->log_syslog || c->log_stderr || *c->log_file ? "" : " none");
}

static void print_forms(const struct conf *c)
{
	fputs("forms:            ", stdout);
	for (int t = 0; t < TABLE_COUNT; t++) {
		printf(" %s=", table_name(t));
		if (!c->forms.at[t][0])
			fputs("none", stdout);
		/* the rows of one name follow each other */
		for (const struct form *const *f = c->forms.at[t]; *f; f++)
			if (f == c->forms.at[t] || strcmp(f[-1]->name, f[0]->name) != 0)
				printf("%s%s", f == c->forms.at[t] ? "" : ",", (*f)->name);
	}
	putchar('\n');
}

/* Every line about a family but its first. */
#define INDENT "                   "

static void print_kernel(enum family f, const struct asked *a)
{
	char cure[CURE_MAX];

	if (a->why)
		printf(INDENT "cannot tell whether MARK is there for %s: %s\n", family_name(f),
		       probe_errno_name(a->why));
	else
		printf(INDENT "%s: class %s%s\n", asked_loses(a, f) ?
		       "the kernel refuses MARK rules" : "the kernel takes MARK rules",
		       class_name(a->class), a->assumed ? ", assumed" : "");
	if (*a->untried.text)
		printf(INDENT "no trial whether MARK takes masks: %s\n", a->untried.text);
	if (a->class != CLASS_NO_MODULE)
		return;
	cure_name(cure);
	printf(INDENT "%s\n", cure);
}

static void print_revision(enum family f, enum backend b)
{
	int revision = second_revision(f, b);

	if (revision >= 0)
		printf(INDENT "iptables would use MARK revision %d\n", revision);
	else if (revision == -1)
		puts(INDENT "iptables finds no revision of MARK");
}

/* One family's program and kernel. */
static int print_family(enum family f, const struct conf *c, enum kernel_class assume)
{
	const struct applet a = { .family = f, .kind = APPLET_RESTORE };
	char name[APPLET_NAME_MAX];
	enum backend backend;
	struct asked asked;
	struct real real;
	struct err e;
	int status;

	applet_name(name, a);
	if (real_find(&real, a, c, &e, &status) < 0) {
		printf("%-19s%s\n", name, e.text);
		return STATUS_BROKEN;
	}
	backend = real_backend(&real, a, c, name);
	asked = asked_for(f, backend, assume);
	printf("%-19s%s (%s, %s)\n", name, real.path, real.origin, backend_name(backend));
	print_kernel(f, &asked);
	print_revision(f, backend);
	if (asked.why || backend == BACKEND_UNKNOWN)
		return STATUS_BROKEN;
	return asked_loses(&asked, f) && c->mode == MODE_REWRITE ? STATUS_ACTIVE
		: STATUS_NOT_NEEDED;
}

int command_status(int argc, char *argv[])
{
	enum kernel_class assume = CLASS_UNKNOWN;
	bool broken = false;
	struct conf c;
	struct err e;
	int v4, v6;

	if (argc > 1)
		return command_fail(argv[0], "`%s': it takes no arguments", argv[1]);
	if (shim_read_conf(&c, &e) < 0) {
		printf("configuration:     %s; the defaults are used\n", e.text);
		broken = true;
	} else {
		printf("configuration:     %s%s\n", shim_conf_path(),
		       access(shim_conf_path(), F_OK) ? " (not there: defaults)" : "");
	}
	if (asked_assumption(&assume, &c, &e) < 0) {
		printf("assumption:        %s\n", e.text);
		broken = true;
	}
	printf("mode:              %s\n", conf_mode_name(c.mode));
	print_log(&c);
	print_forms(&c);
	v6 = print_family(FAMILY_IPV6, &c, assume);
	v4 = print_family(FAMILY_IPV4, &c, assume);
	if (broken || v4 == STATUS_BROKEN || v6 == STATUS_BROKEN)
		return STATUS_BROKEN;
	return v4 == STATUS_ACTIVE || v6 == STATUS_ACTIVE ? STATUS_ACTIVE : STATUS_NOT_NEEDED;
}
