#include "option.h"

#include <stdbool.h>

static const struct option_general general[] = {
	{ "append",		'A', OPTION_ONE, 0 },
	{ "delete",		'D', OPTION_ONE, 1 },
	{ "check",		'C', OPTION_ONE, 0 },
	{ "insert",		'I', OPTION_ONE, 1 },
	{ "replace",		'R', OPTION_ONE, 1 },
	{ "list",		'L', OPTION_OPTIONAL, 2 },
	{ "list-rules",		'S', OPTION_OPTIONAL, 2 },
	{ "flush",		'F', OPTION_OPTIONAL, 1 },
	{ "zero",		'Z', OPTION_OPTIONAL, 2 },
	{ "new-chain",		'N', OPTION_ONE, 0 },
	{ "delete-chain",	'X', OPTION_OPTIONAL, 1 },
	{ "rename-chain",	'E', OPTION_ONE, 1 },
	{ "policy",		'P', OPTION_ONE, 1 },
	{ "source",		's', OPTION_ONE, 0 },
	{ "destination",	'd', OPTION_ONE, 0 },
	{ "src",		's', OPTION_ONE, 0 },
	{ "dst",		'd', OPTION_ONE, 0 },
	{ "protocol",		'p', OPTION_ONE, 0 },
	{ "in-interface",	'i', OPTION_ONE, 0 },
	{ "jump",		'j', OPTION_ONE, 0 },
	{ "goto",		'g', OPTION_ONE, 0 },
	{ "table",		't', OPTION_ONE, 0 },
	{ "match",		'm', OPTION_ONE, 0 },
	{ "numeric",		'n', OPTION_NONE, 0 },
	{ "out-interface",	'o', OPTION_ONE, 0 },
	{ "verbose",		'v', OPTION_NONE, 0 },
	{ "wait",		'w', OPTION_OPTIONAL, 1 },
	{ "wait-interval",	'W', OPTION_OPTIONAL, 1 },
	{ "exact",		'x', OPTION_NONE, 0 },
	{ "fragments",		'f', OPTION_NONE, 0 },
	{ "version",		'V', OPTION_NONE, 0 },
	{ "help",		'h', OPTION_OPTIONAL, 0 },
	{ "line-numbers",	'0', OPTION_NONE, 0 },
	{ "modprobe",		'M', OPTION_ONE, 0 },
	{ "set-counters",	'c', OPTION_ONE, 1 },
	{ "ipv4",		'4', OPTION_NONE, 0 },
	{ "ipv6",		'6', OPTION_NONE, 0 },
};

#define N_GENERAL (sizeof(general) / sizeof(general[0]))

const struct option_general *option_by_letter(char letter)
{
	/* '0' is getopt's value for --line-numbers, not a letter to type */
	for (size_t i = 0; letter != '0' && i < N_GENERAL; i++)
		if (general[i].letter == letter)
			return &general[i];
	return NULL;
}

void option_load(struct option_loaded *l, const struct extension *x)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->at[i] == x)
			return;
	if (x && l->n < OPTION_LOADED_MAX)
		l->at[l->n++] = x;
}

/* How well `name` fits, and what is known about it when it does. */
struct search {
	struct span name;
	struct option_found found;
	unsigned int prefixes;	/* names that start with it */
	bool exact;
};

/* getopt_long(): the first exact name wins, else the only one that starts so. */
static void consider(struct search *s, struct option_found candidate)
{
	if (s->exact || candidate.name.len < s->name.len ||
	    memcmp(candidate.name.at, s->name.at, s->name.len) != 0)
		return;
	s->exact = candidate.name.len == s->name.len;
	s->prefixes++;
	s->found = candidate;
}

/* What an option's ending in extension.h says; it is cut off the name. */
static enum option_arg arg_of(struct span *name)
{
	static const struct {
		const char *ending;
		enum option_arg arg;
	} endings[] = {
		{ "==", OPTION_TWO }, { "=", OPTION_ONE }, { "~", OPTION_MAYBE },
		{ "?", OPTION_OPTIONAL },
	};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t len = strlen(endings[i].ending);

		if (name->len > len &&
		    !memcmp(name->at + name->len - len, endings[i].ending, len)) {
			name->len -= len;
			return endings[i].arg;
		}
	}
	return OPTION_NONE;
}

static void consider_extension(struct search *s, const struct extension *x)
{
	const char *at = x->options;

	while (*at) {
		struct option_found candidate = { .extension = x, .name = { at, strcspn(at, " ") } };

		at += candidate.name.len;
		at += strspn(at, " ");
		candidate.arg = arg_of(&candidate.name);
		consider(s, candidate);
	}
}

enum option_result option_long(struct option_found *f, const struct option_loaded *l,
			       struct span name)
{
	struct search s = { .name = name };

	for (size_t i = 0; i < N_GENERAL; i++)
		consider(&s, (struct option_found){
			.general = &general[i],
			.name = span_of(general[i].name),
			.arg = general[i].arg,
		});
	/* xtables_merge_options() puts the options of the newest extension first */
	for (size_t i = l->n; i; i--)
		consider_extension(&s, l->at[i - 1]);
	if (!s.prefixes)
		return OPTION_UNKNOWN;
	if (!s.exact && s.prefixes > 1)
		return OPTION_AMBIGUOUS;
	*f = s.found;
	return OPTION_FOUND;
}
