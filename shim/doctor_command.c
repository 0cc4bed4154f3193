/* doctor: all checks, one after the other, and what a client's log is about. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "doctor.h"
#include "json.h"

static const struct {
	const char *name;
	doctor_check *look;
} checks[] = {
	{ "kernel", doctor_kernel },
	{ "fixed-kernel", doctor_fixed_kernel },
	{ "modules", doctor_modules },
	{ "programs", doctor_programs },
	{ "revision", doctor_revision },
	{ "alternatives", doctor_alternatives },
	{ "slaves", doctor_slaves },
	{ "callers", doctor_callers },
	{ "tables", doctor_tables },
	{ "helpers", doctor_helpers },
	{ "tools", doctor_tools },
	{ "configuration", doctor_configuration },
	{ "rights", doctor_rights },
	{ "state", doctor_state },
	{ "markshim-kernel", doctor_second },
};

#define COUNT (sizeof(checks) / sizeof(checks[0]))

static const char *const results[] = {
	[DOCTOR_OK] = "ok", [DOCTOR_PROBLEM] = "problem", [DOCTOR_UNKNOWN] = "unknown",
};

static void say_words(struct text *to, const char *name, enum doctor_result result,
		      const struct text *seen, const struct text *todo)
{
	text_printf(to, "%-9s%s: %s\n", results[result], name, seen->at);
	if (todo->len)
		text_printf(to, "         -> %s\n", todo->at);
}

static void say_json(struct text *to, const char *name, enum doctor_result result,
		     const struct text *seen, const struct text *todo)
{
	json_open(to, NULL, "{");
	json_text(to, "check", name);
	json_text(to, "result", results[result]);
	json_text(to, "seen", seen->at);
	json_text(to, "todo", todo->at);
	json_close(to, "}");
}

/* Returns whether there is a problem. */
static bool check_all(struct text *to, const struct status *s, bool json)
{
	bool problem = false;

	for (size_t i = 0; i < COUNT; i++) {
		OWN_TEXT struct text seen = { 0 }, todo = { 0 };
		enum doctor_result result = checks[i].look(s, &seen, &todo);

		(json ? say_json : say_words)(to, checks[i].name, result, &seen, &todo);
		problem |= result == DOCTOR_PROBLEM;
	}
	return problem;
}

struct asked_for_it {
	bool json;
	const char *log;	/* NULL: none */
};

static bool read_args(struct asked_for_it *a, int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			a->json = true;
		else if (!strcmp(argv[i], "--log") && i + 1 < argc)
			a->log = argv[++i];
		else
			return false;
	}
	return true;
}

/* Returns an exit status. */
static int say_log(struct text *to, const struct asked_for_it *a)
{
	struct err e;
	int result;

	if (!a->log)
		return COMMAND_SAME;
	if (a->json)
		json_open(to, "log", "{");
	else
		text_puts(to, "\n");
	result = doctor_log(to, a->log, a->json, &e);
	if (result < 0)
		return command_fail("doctor", "%s", e.text);
	if (a->json)
		json_close(to, "}");
	return result == DOCTOR_PROBLEM ? COMMAND_DIFFERS : COMMAND_SAME;
}

int command_doctor(int argc, char *argv[])
{
	OWN_TEXT struct text said = { 0 };
	struct asked_for_it a = { 0 };
	static struct status s;
	bool problem;
	int log;

	if (!read_args(&a, argc, argv))
		return command_fail(argv[0], "`%s': see markshim --help", argv[argc - 1]);
	status_gather(&s);
	if (a.json)
		text_puts(&said, "{\"checks\":[");
	problem = check_all(&said, &s, a.json);
	if (a.json)
		json_close(&said, "]");
	log = say_log(&said, &a);
	if (a.json)
		text_puts(&said, "}\n");
	if (said.failed)
		return command_fail(argv[0], "no memory for what is to be said");
	if (log == COMMAND_TROUBLE)
		return log;
	fputs(said.at, stdout);
	return problem ? COMMAND_DIFFERS : log;
}
