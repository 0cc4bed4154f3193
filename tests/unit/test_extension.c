/* Is the table of extensions in order, and does it say what the installed iptables says? */
#include <ctype.h>
#include <dirent.h>
#include <dlfcn.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <xtables.h>

#include "extension.h"
#include "range.h"

/* One word of a row: "set-mark=" is the name set-mark and the kind "=". */
struct option_word {
	const char *at;
	int len;		/* of the name */
	char kind[3];
};

/* Reads the word at *at and steps over it.  False at the end of the row. */
static bool next_word(struct option_word *w, const char **at)
{
	size_t len = strcspn(*at, " "), name = strcspn(*at, " =~?");

	if (!len)
		return false;
	w->at = *at;
	w->len = (int)name;
	snprintf(w->kind, sizeof(w->kind), "%.*s", (int)(len - name), *at + name);
	*at += len;
	*at += **at == ' ' && (*at)[1];
	return true;
}

/* What the row says of --name: "", "=", "==", "~", "?", or "unknown". */
static const char *kind_of(const struct extension *x, const char *name)
{
	static struct option_word w;

	for (const char *at = x->options; next_word(&w, &at); )
		if ((size_t)w.len == strlen(name) && !strncmp(w.at, name, strlen(name)))
			return w.kind;
	return "unknown";
}

static void rows_are_sorted_and_none_is_there_twice(void **state)
{
	(void)state;
	for (const struct extension *x = extensions; x->name && x[1].name; x++)
		if (strcmp(x->name, x[1].name) >= 0)
			fail_msg("`%s' stands before `%s'", x->name, x[1].name);
}

static bool good_option(const struct option_word *w)
{
	size_t name = strspn(w->at, "abcdefghijklmnopqrstuvwxyz0123456789-");

	/* the name, the kind, then a blank or nothing: no other byte goes unread */
	return name && (size_t)w->len == name && w->at[0] != '-' &&
	       name + strlen(w->kind) == strcspn(w->at, " ") &&
	       (!w->kind[0] || !w->kind[1] || !strcmp(w->kind, "=="));
}

static void rows_are_well_formed_and_no_option_is_in_one_twice(void **state)
{
	(void)state;
	for (const struct extension *x = extensions; x->name; x++) {
		struct option_word w, other;
		const char *at = x->options, *rest;

		if (strlen(x->name) > 28 || !isalpha((unsigned char)x->name[0]))
			fail_msg("`%s' is no extension's name", x->name);
		while (next_word(&w, &at)) {
			if (!good_option(&w))
				fail_msg("%s: bad option at `%s'", x->name, w.at);
			for (rest = at; next_word(&other, &rest); )
				if (w.len == other.len && !strncmp(w.at, other.at, (size_t)w.len))
					fail_msg("%s: --%.*s twice", x->name, w.len, w.at);
		}
		if (*at)
			fail_msg("%s: not read to its end: `%s'", x->name, at);
	}
}

static void each_row_is_found_by_its_name_and_by_no_other(void **state)
{
	char longer[64];

	(void)state;
	for (const struct extension *x = extensions; x->name; x++) {
		size_t len = strlen(x->name);

		/* the byte after the name is not looked at, and the name not cut */
		snprintf(longer, sizeof(longer), "%s!", x->name);
		assert_ptr_equal(extension_find(longer, len), x);
		assert_null(extension_find(longer, len + 1));
		assert_ptr_not_equal(extension_find(longer, len - 1), x);
	}
}

/* What a word gives; the word is part of what is compared, so a failure names it. */
static void check(const char *word, const struct extension *x, const char *want)
{
	char got[80], expected[80];

	snprintf(got, sizeof(got), "%s: %s", word, x ? x->name : "none");
	snprintf(expected, sizeof(expected), "%s: %s", word, want);
	assert_string_equal(got, expected);
}

struct name_row {
	const char *word, *want;
};

static void names_are_found_as_m_and_j_take_them(void **state)
{
	static const struct name_row rows[] = {
		{ "MARK", "MARK" }, { "mark", "mark" }, { "Mark", "none" }, { "SET", "SET" },
		{ "set", "set" }, { "AUDIT", "AUDIT" }, { "udp", "udp" }, { "state", "state" },
		{ "NOTRACK", "NOTRACK" }, { "icmp6", "icmp6" }, { "icmpv6", "icmp6" },
		{ "ipv6-icmp", "icmp6" }, { "ICMPV6", "none" }, { "icmpv7", "none" },
		{ "ACCEPT", "none" }, { "KUBE-MARK-MASQ", "none" }, { "", "none" },
		{ "TCP", "none" }, { "MAR", "none" }, { "MARKS", "none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(rows[i].word, extension_find(rows[i].word, strlen(rows[i].word)),
		      rows[i].want);
}

/* Each tried with iptables or ip6tables 1.8.9: -A INPUT -p WORD and an option of the match. */
static void protocols_bring_the_match_that_iptables_loads_for_them(void **state)
{
	static const struct name_row rows[] = {
		{ "tcp", "tcp" }, { "TCP", "tcp" }, { "6", "tcp" }, { "0x6", "tcp" },
		{ "006", "tcp" }, { "+6", "tcp" }, { " 6", "tcp" }, { "6 ", "none" },
		{ "-6", "none" }, { "udp", "udp" }, { "17", "udp" }, { "021", "udp" },
		{ "sctp", "sctp" }, { "132", "sctp" }, { "dccp", "dccp" }, { "33", "dccp" },
		{ "esp", "esp" }, { "50", "esp" }, { "ah", "ah" }, { "51", "ah" },
		{ "ipcomp", "ipcomp" }, { "108", "ipcomp" }, { "icmp", "icmp" }, { "1", "icmp" },
		{ "icmpv6", "icmp6" }, { "ipv6-icmp", "icmp6" }, { "IPv6-ICMP", "icmp6" },
		{ "58", "icmp6" }, { "0x3A", "icmp6" }, { "mh", "mh" }, { "135", "none" },
		{ "ipv6-mh", "none" }, { "mobility-header", "none" }, { "43", "none" },
		{ "44", "none" }, { "60", "none" }, { "udplite", "none" }, { "136", "none" },
		{ "all", "none" }, { "0", "none" }, { "256", "none" }, { "262", "none" },
		{ "4294967302", "none" }, { "99999999999999999999999", "none" }, { "", "none" },
		{ "comment", "none" }, { "MARK", "none" }, { "6x", "none" }, { "0x", "none" },
		{ "0b110", "none" },
		{ "a-protocol-of-far-more-than-31-bytes", "none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(rows[i].word, extension_for_protocol(rows[i].word, strlen(rows[i].word)),
		      rows[i].want);
	check("tcp6, cut", extension_for_protocol("tcp6", 3), "tcp");
}

/*
 * The installed extensions.  Their libraries register themselves when they are loaded, by the
 * functions below, which this program has in place of those of libxtables.
 */
struct record {
	const char *name;
	const struct xtables_match *match;	/* or NULL */
	const struct xtables_target *target;	/* or NULL */
	const struct option *old;		/* or NULL */
	const struct xt_option_entry *x6;	/* or NULL */
};

static struct record records[512];
static size_t n_records;

/* Those of arptables and ebtables don't count. */
static void keep(unsigned int family, struct record r)
{
	if (family != NFPROTO_UNSPEC && family != NFPROTO_IPV4 && family != NFPROTO_IPV6)
		return;
	if (strcmp(r.name, "standard") != 0 && n_records < 512)
		records[n_records++] = r;
}

void xtables_register_match(struct xtables_match *m)
{
	keep(m->family, (struct record){ .name = m->name, .match = m, .old = m->extra_opts,
					 .x6 = m->x6_options });
}

void xtables_register_target(struct xtables_target *t)
{
	keep(t->family, (struct record){ .name = t->name, .target = t, .old = t->extra_opts,
					 .x6 = t->x6_options });
}

void xtables_register_matches(struct xtables_match *m, unsigned int n)
{
	while (n--)
		xtables_register_match(m++);
}

void xtables_register_targets(struct xtables_target *t, unsigned int n)
{
	while (n--)
		xtables_register_target(t++);
}

static jmp_buf refused;
static char refusal[256];

static void __attribute__((noreturn, format(printf, 2, 3)))
refuse(enum xtables_exittype status, const char *msg, ...)
{
	va_list args;

	(void)status;
	va_start(args, msg);
	vsnprintf(refusal, sizeof(refusal), msg, args);
	va_end(args);
	longjmp(refused, 1);
}

static int any_revision(const char *name, uint8_t revision, int opt)
{
	(void)name, (void)revision, (void)opt;
	return 1;
}

static int load_the_installed_libraries(void **state)
{
	static struct option none[1];
	static struct xtables_globals globals = {
		.program_name = "test_extension", .program_version = "0", .orig_opts = none,
		.exit_err = refuse, .compat_rev = any_revision,
	};
	char path[4096];
	struct dirent *file;
	DIR *dir = opendir(XTLIBDIR);

	(void)state;
	if (!dir || xtables_init_all(&globals, NFPROTO_IPV6) != 0)
		return -1;
	while ((file = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", XTLIBDIR, file->d_name);
		if ((!strncmp(file->d_name, "libxt_", 6) || !strncmp(file->d_name, "libipt_", 7) ||
		     !strncmp(file->d_name, "libip6t_", 8)) && !dlopen(path, RTLD_NOW)) {
			print_error("%s\n", dlerror());
			closedir(dir);
			return -1;
		}
	}
	closedir(dir);
	return 0;
}

static void the_libraries_were_really_read(void **state)
{
	bool mark = false;

	(void)state;
	for (size_t i = 0; i < n_records; i++)
		mark |= !strcmp(records[i].name, "MARK");
	assert_true(mark);
	assert_uint_in_range(n_records, 100, 511);
}

static void each_installed_extension_has_a_row_in_the_case_of_its_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_records; i++) {
		const char *name = records[i].name;

		if (!extension_find(name, strlen(name)))
			fail_msg("no row for `%s'", name);
		if (!isupper((unsigned char)name[0]) == !!records[i].target)
			fail_msg("`%s' is not in the case of its kind", name);
	}
}

/* has_arg as getopt_long(3) has it: 0 no word, 1 one, 2 only after an equals sign. */
static void check_option(const char *extension, const char *name, int has_arg)
{
	static const char first[] = { '\0', '=', '?' };
	const struct extension *x = extension_find(extension, strlen(extension));
	const char *kind = x ? kind_of(x, name) : "unknown";

	if (kind[0] != first[has_arg] && !(kind[0] == '~' && has_arg == 0))
		fail_msg("%s --%s: has_arg is %d, the row says `%s'", extension, name, has_arg,
			 kind);
}

static void each_installed_option_is_in_its_row_with_as_many_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_records; i++) {
		const struct xt_option_entry *x6 = records[i].x6;
		const struct option *old = records[i].old;

		for (; x6 && x6->name; x6++)
			check_option(records[i].name, x6->name, x6->type != XTTYPE_NONE);
		for (; old && old->name; old++)
			check_option(records[i].name, old->name, old->has_arg);
	}
}

union entry {
	struct xt_entry_match match;
	struct xt_entry_target target;
	char room[4096];
};

static void run_parser(const struct record *r, int option, char **argv, union entry *e)
{
	struct xt_entry_target *target = &e->target;
	struct xt_entry_match *match = &e->match;
	unsigned int flags = 0;
	union entry rule = { .room = "" };

	if (r->match && r->match->init)
		r->match->init(match);
	if (r->target && r->target->init)
		r->target->init(target);
	if (r->match)
		r->match->parse(option, argv, 0, &flags, &rule, &match);
	else
		r->target->parse(option, argv, 0, &flags, &rule, &target);
}

/* Runs an option's parser before `next`, NULL for the end of the line; words it read of that. */
static int words_read(const struct record *r, const struct option *o, char *next)
{
	static char program[] = "test", option[] = "--option", value[] = "1";
	char *argv[] = { program, option, next, NULL };
	union entry e = { .room = "" };

	optind = 2;
	optarg = o->has_arg ? value : NULL;
	refusal[0] = '\0';
	if (!setjmp(refused))
		run_parser(r, o->val, argv, &e);
	return optind - 2;
}

/* Only parsers of the old style are given argv; set, tcp, sctp and rateest have one. */
static void options_that_read_on_in_argv_are_marked_so(void **state)
{
	static char word[] = "1";
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < n_records; i++) {
		const struct record *r = &records[i];

		if (r->match ? !r->match->parse : !r->target->parse)
			continue;
		for (const struct option *o = r->old; o && o->name; o++, tried++) {
			const struct extension *x = extension_find(r->name, strlen(r->name));
			const char *kind = kind_of(x, o->name);
			bool one = !o->has_arg && words_read(r, o, word) == 1;
			bool two = o->has_arg && !words_read(r, o, NULL) &&
				   strstr(refusal, "two args");

			if (one != !strcmp(kind, "~") || two != !strcmp(kind, "=="))
				fail_msg("%s --%s: reads %s, the row says `%s'", r->name, o->name,
					 one ? "on" : two ? "two words" : "no further", kind);
		}
	}
	assert_uint_in_range(tried, 10, 1000);
}

int main(void)
{
	const struct CMUnitTest table[] = {
		cmocka_unit_test(rows_are_sorted_and_none_is_there_twice),
		cmocka_unit_test(rows_are_well_formed_and_no_option_is_in_one_twice),
		cmocka_unit_test(each_row_is_found_by_its_name_and_by_no_other),
		cmocka_unit_test(names_are_found_as_m_and_j_take_them),
		cmocka_unit_test(protocols_bring_the_match_that_iptables_loads_for_them),
	};
	const struct CMUnitTest installed[] = {
		cmocka_unit_test(the_libraries_were_really_read),
		cmocka_unit_test(each_installed_extension_has_a_row_in_the_case_of_its_kind),
		cmocka_unit_test(each_installed_option_is_in_its_row_with_as_many_words),
		cmocka_unit_test(options_that_read_on_in_argv_are_marked_so),
	};
	int failed = cmocka_run_group_tests(table, NULL, NULL);

	if (access(XTLIBDIR, R_OK) != 0) {
		fprintf(stderr, "skipped: no extension libraries in %s\n", XTLIBDIR);
		return failed ? failed : 77;
	}
	return failed + cmocka_run_group_tests(installed, load_the_installed_libraries, NULL);
}
