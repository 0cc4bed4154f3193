/* What doctor asks of the kernel and its modules. */
#include <stdio.h>

#include "cure.h"
#include "doctor.h"
#include "known_kernels.h"
#include "os_release.h"
#include "probe.h"

static const struct {
	const char *seen, *todo;
} classes[CLASS_COUNT] = {
	[CLASS_UNKNOWN] = { "what is missing fits no class that is known", "markshim probe shows the "
		"kernel's answers" },
	[CLASS_HEALTHY] = { "the kernel takes all MARK rules", NULL },
	[CLASS_TYPO] = {
		"MARK and NFLOG are missing for IPv6: the kernel registers them for IPv4 twice (commit "
		"0bfcb7b71e73, the fix for CVE-2024-50038; repaired by 306ed1728e84)",
		"boot a kernel with the repair; until then MARK rules are for markshim to rewrite, and "
		"modprobe xt_mark does not help"
	},
	[CLASS_NFT_ONLY] = {
		"all targets of xtables are missing for IPv6: the kernel is built without "
		"CONFIG_IP6_NF_IPTABLES",
		"use a kernel that is built with it, or switch the client to nftables; until then "
		"markshim rewrites MARK rules, and rules with CONNMARK, CT or TPROXY fail as before"
	},
	[CLASS_MASKREJECT] = {
		"MARK is there, but rules with a mask are refused",
		"boot another kernel; until then MARK rules are for markshim to rewrite"
	},
	[CLASS_NO_MODULE] = {
		"MARK is missing for IPv4 and IPv6, and so is the match mark: there is no module xt_mark",
		"install the package that the check `modules' names"
	},
};

static int why_unknown(const struct status *s)
{
	return s->of[FAMILY_IPV6].asked.why ? s->of[FAMILY_IPV6].asked.why
		: s->of[FAMILY_IPV4].asked.why;
}

enum doctor_result doctor_kernel(const struct status *s, struct text *seen, struct text *todo)
{
	const struct asked *six = &s->of[FAMILY_IPV6].asked;

	if (why_unknown(s)) {
		text_printf(seen, "the kernel does not answer (%s)", probe_errno_name(why_unknown(s)));
		text_puts(todo, "ask as root (CAP_NET_ADMIN)");
		return DOCTOR_UNKNOWN;
	}
	text_printf(seen, "class %s%s: %s", class_name(s->class), six->assumed ? ", assumed" : "",
		    classes[s->class].seen);
	if (classes[s->class].todo)
		text_puts(todo, classes[s->class].todo);
	if (s->class != CLASS_HEALTHY || !*six->untried.text)
		return s->class == CLASS_HEALTHY ? DOCTOR_OK : DOCTOR_PROBLEM;
	text_printf(seen, "; whether those with masks as well was not tried: %s", six->untried.text);
	return DOCTOR_UNKNOWN;
}

static void say_fixed(struct text *to, const struct known_kernel *k)
{
	if (k->fixed)
		text_printf(to, "the repair is in %s", k->fixed);
	else
		text_puts(to, "which version has the repair is not known; a newer one than the last that "
			  "was seen to be bad is likely to");
}

/* The kernel's answers decide; its version is good for advice alone. */
enum doctor_result doctor_fixed_kernel(const struct status *s, struct text *seen, struct text *todo)
{
	static const char *const ages[] = {
		[KNOWN_NOTHING] = "no version of this series is known to have lost MARK here",
		[KNOWN_BEFORE] = "older than those that are known to have lost MARK",
		[KNOWN_BAD] = "known to have lost MARK and NFLOG for IPv6",
		[KNOWN_AFTER] = "newer than those that are known to have lost MARK",
		[KNOWN_FIXED] = "has the repair of those that had lost MARK",
	};
	const struct known_kernel *k;
	enum known_age a = known_kernels_find(&k, s->kernel.release, os_release_is);

	text_printf(seen, "%s: %s", s->kernel.release, ages[a]);
	if (s->class == CLASS_HEALTHY && !why_unknown(s)) {
		if (a == KNOWN_BAD)
			text_puts(seen, ", but this one has MARK");
		return DOCTOR_OK;
	}
	if (k)
		say_fixed(todo, k);
	if (a == KNOWN_BAD)
		return DOCTOR_PROBLEM;
	return s->class == CLASS_TYPO || why_unknown(s) ? DOCTOR_UNKNOWN : DOCTOR_OK;
}

enum doctor_result doctor_modules(const struct status *s, struct text *seen, struct text *todo)
{
	char cure[CURE_MAX];

	if (s->class == CLASS_NO_MODULE) {
		cure_name(cure);
		text_puts(seen, "the kernel has no module xt_mark");
		text_puts(todo, cure);
		return DOCTOR_PROBLEM;
	}
	if (why_unknown(s)) {
		text_puts(seen, "cannot tell which modules are missing");
		return DOCTOR_UNKNOWN;
	}
	text_puts(seen, "no module is missing that a package would bring");
	return DOCTOR_OK;
}

static enum doctor_result revision_of(const struct status_family *f, struct text *seen,
				      struct text *todo)
{
	text_printf(seen, "%s%s: ", doctor_separator(seen), family_name(f->family));
	if (f->revision == -2 || f->asked.why) {
		text_puts(seen, "cannot tell which revision of MARK iptables would use");
		return DOCTOR_UNKNOWN;
	}
	if (f->revision >= 0)
		text_printf(seen, "iptables would use MARK revision %d", f->revision);
	else
		text_puts(seen, "iptables finds no revision of MARK");
	if (f->revision == 2 || (f->revision == -1 && f->loses)) {
		if (f->loses)
			text_puts(seen, ", as the kernel's class says");
		return DOCTOR_OK;
	}
	text_printf(todo, "%sthe installed libxtables and this kernel do not fit for %s: update iptables",
		    doctor_separator(todo), family_name(f->family));
	return DOCTOR_PROBLEM;
}

enum doctor_result doctor_revision(const struct status *s, struct text *seen, struct text *todo)
{
	enum doctor_result six = revision_of(&s->of[FAMILY_IPV6], seen, todo);
	enum doctor_result four = revision_of(&s->of[FAMILY_IPV4], seen, todo);

	return six == DOCTOR_PROBLEM || four == DOCTOR_OK ? six : four;
}
