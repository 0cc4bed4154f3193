/* What doctor looks at beside the kernel: programs, alternatives, rights. */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <unistd.h>

#include "alternatives.h"
#include "doctor.h"
#include "escape.h"
#include "own.h"
#include "process.h"
#include "real_version.h"
#include "shim.h"
#include "state.h"

enum doctor_result doctor_programs(const struct status *s, struct text *seen, struct text *todo)
{
	enum doctor_result result = DOCTOR_OK;

	for (int i = FAMILY_COUNT - 1; i >= 0; i--) {
		const struct status_family *f = &s->of[i];

		if (*f->trouble.text) {
			text_printf(seen, "%s%s", doctor_separator(seen), f->trouble.text);
			result = DOCTOR_PROBLEM;
			continue;
		}
		text_printf(seen, "%s%s (%s, " REAL_VERSION_FORMAT ")", doctor_separator(seen), f->real.path,
			    backend_name(f->backend), REAL_VERSION_ARGS(f->version));
		if (result == DOCTOR_OK && (f->backend == BACKEND_UNKNOWN || !f->version))
			result = DOCTOR_UNKNOWN;
	}
	if (result == DOCTOR_PROBLEM)
		text_puts(todo, "install iptables, or name its programs in markshim.conf(5)");
	else if (result == DOCTOR_UNKNOWN)
		text_puts(todo, "a program did not tell its version: see what it is");
	return result;
}

enum doctor_result doctor_alternatives(const struct status *s, struct text *seen, struct text *todo)
{
	enum doctor_result result = DOCTOR_OK;
	char command[FRONT_COMMAND_MAX];

	for (int i = FAMILY_COUNT - 1; i >= 0; i--) {
		const struct status_family *f = &s->of[i];

		if (!f->front.known)
			text_printf(seen, "%sno alternatives for %s", doctor_separator(seen),
				    family_name(f->family));
		else
			text_printf(seen, "%sgroup %s: %s, %s", doctor_separator(seen), f->front.group,
				    *f->front.selected ? f->front.selected : "nothing selected",
				    f->front.pinned ? "pinned (manual)" : "automatic");
		if (f->order == PATH_ORDER_MARKSHIM || !f->loses)
			continue;
		text_printf(seen, ", and %s is not markshim", *f->runs ? f->runs : "the plain name");
		status_activation(command, f);
		text_printf(todo, "%s%s", doctor_separator(todo), command);
		result = DOCTOR_PROBLEM;
	}
	return result;
}

enum doctor_result doctor_slaves(const struct status *s, struct text *seen, struct text *todo)
{
	enum doctor_result result = DOCTOR_OK;

	for (int i = FAMILY_COUNT - 1; i >= 0; i--) {
		const struct front *f = &s->of[i].front;
		const struct alternatives_choice *c = NULL;
		static struct alternatives a;
		struct span lacks = { "", 0 };

		if (f->known && alternatives_open(&a, s->of[i].family) == 0)
			c = alternatives_find(&a, f->selected);
		if (c)
			lacks = alternatives_lacks(&a, c);
		if (!lacks.len)
			continue;
		text_printf(seen, "%s%s has no %.*s, so that this name is gone while it is selected",
			    doctor_separator(seen), f->selected, SPAN_ARG(lacks));
		text_printf(todo, "%supdate the package of %s", doctor_separator(todo), f->selected);
		result = DOCTOR_PROBLEM;
	}
	if (!seen->len)
		text_puts(seen, "what is selected has all names of its group");
	return result;
}

/* What helps a caller that passes by. */
static const char *help_for(const struct caller_seen *c)
{
	if (c->way == CALLERS_BY_PATH)
		return "markshim install --dir /usr/sbin --all-names";
	if (c->way == CALLERS_BY_NAME && !c->contained)
		return "markshim enable --all-names";
	return c->contained ? "put markshim in front in the PATH of its container"
		: "put markshim in front in its PATH";
}

enum doctor_result doctor_callers(const struct status *s, struct text *seen, struct text *todo)
{
	bool loses = s->of[FAMILY_IPV6].loses || s->of[FAMILY_IPV4].loses;
	enum doctor_result result = DOCTOR_OK;

	for (size_t i = 0; i < s->callers.n; i++) {
		const struct caller_seen *c = &s->callers.at[i];

		text_printf(seen, "%s%s%s: %s", doctor_separator(seen), c->name,
			    c->contained ? " (in a container)" : "", callers_way_text(c->way));
		if (!loses || !callers_passes_by(c->way))
			continue;
		text_printf(todo, "%s%s: %s", doctor_separator(todo), c->name, help_for(c));
		result = DOCTOR_PROBLEM;
	}
	if (!seen->len)
		text_puts(seen, "no program is known here that sets such rules");
	return result;
}

/* Without them kube-proxy changes its mode, or fills its log, and the real error drowns. */
enum doctor_result doctor_tools(const struct status *s, struct text *seen, struct text *todo)
{
	static const char *const names[] = { "conntrack", "ipset" };
	OWN_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool there = path_order_find(root, PATH_ORDER_DEFAULT, names[i], path) !=
			PATH_ORDER_NONE;

		text_printf(seen, "%s%s: %s", doctor_separator(seen), names[i], there ? path : "not there");
		if (!there && s->callers.kube)
			text_printf(todo, "%s %s", todo->len ? "" : "install", names[i]);
	}
	if (!todo->len)
		return DOCTOR_OK;
	text_puts(todo, ": without ipset kube-proxy falls back from IPVS, without conntrack it fills "
		  "its log, and either hides the real error");
	return DOCTOR_PROBLEM;
}

enum doctor_result doctor_configuration(const struct status *s, struct text *seen,
					struct text *todo)
{
	const struct err *trouble = *s->conf_trouble.text ? &s->conf_trouble : &s->assume_trouble;

	if (*trouble->text) {
		escape_text(seen, span_of(trouble->text), sizeof(trouble->text));
		text_puts(todo, "mend it: until then the defaults are used");
		return DOCTOR_PROBLEM;
	}
	text_printf(seen, "%s is %s; mode %s", shim_conf_path(),
		    access(shim_conf_path(), F_OK) ? "not there, which is fine" : "right",
		    conf_mode_name(s->conf.mode));
	if (s->conf.mode == MODE_REWRITE || s->class == CLASS_HEALTHY)
		return DOCTOR_OK;
	text_puts(todo, "set mode = rewrite to have rules rewritten");
	return DOCTOR_PROBLEM;
}

enum doctor_result doctor_rights(const struct status *s, struct text *seen, struct text *todo)
{
	(void)s;
	if (process_may(CAP_NET_ADMIN)) {
		text_puts(seen, "CAP_NET_ADMIN is there");
		return DOCTOR_OK;
	}
	text_puts(seen, "CAP_NET_ADMIN is missing, without which the kernel does not answer");
	text_puts(todo, "ask as root");
	return DOCTOR_UNKNOWN;
}

enum doctor_result doctor_state(const struct status *s, struct text *seen, struct text *todo)
{
	struct err e;

	(void)s;
	if (geteuid() != 0) {
		text_puts(seen, "cannot tell whether root can keep facts in " STATE_DIR);
		return DOCTOR_UNKNOWN;
	}
	if (state_check(&e) == 0) {
		text_puts(seen, "facts can be kept in " STATE_DIR);
		return DOCTOR_OK;
	}
	text_puts(seen, e.text);
	text_puts(todo, "rules load all the same, but each run asks anew and nothing is counted");
	return DOCTOR_PROBLEM;
}

enum doctor_result doctor_second(const struct status *s, struct text *seen, struct text *todo)
{
	text_printf(seen, "markshim-kernel: %s%s", s->second ? "there" : s->second_trouble.text,
		    s->second ? "" : ": no trial whether MARK takes masks, no forms set and nft");
	if (s->second || s->class == CLASS_HEALTHY)
		return DOCTOR_OK;
	text_puts(todo, "install it beside markshim or in " LIBEXECDIR "/markshim, with the libraries "
		  "that it is linked with");
	return s->class == CLASS_NFT_ONLY ? DOCTOR_PROBLEM : DOCTOR_UNKNOWN;
}
