#include "rule.h"

#include <ctype.h>

#include "option.h"

struct parser {
	struct rule *rule;
	const struct lexer_words *words;
	size_t next;			/* the word to read */
	enum family family;
	struct option_loaded loaded;
	const char *protocol;		/* of -p, until its extension is loaded; else NULL */
	bool inverted;			/* a `!` came before the option that is read */
	bool command_line;
};

/* An option with its value, from whichever words it came. */
struct given {
	const struct option_general *general;	/* NULL: an extension's */
	const struct extension *extension;
	struct span name;			/* of an extension's option, in full */
	const struct lexer_word *word[2];	/* the option's, and the value's if that is another */
	const char *value;			/* in one of the words; NULL if none */
};

static const struct lexer_word *peek(const struct parser *p)
{
	return p->next < p->words->n ? &p->words->at[p->next] : NULL;
}

/* xs_has_arg(): the next word is there and is no option. */
static bool value_follows(const struct parser *p)
{
	const struct lexer_word *w = peek(p);

	return w && w->text[0] != '-' && w->text[0] != '!';
}

/* getopt takes the next word for a value whatever it looks like. */
static int take_value(struct parser *p, struct given *g)
{
	g->word[1] = peek(p);
	if (!g->word[1])
		return -1;
	g->value = g->word[1]->text;
	p->next++;
	return 0;
}

/* Gives an option the words that are its own.  Returns -1 where getopt would complain. */
static int give(struct parser *p, struct given *g, enum option_arg arg, const char *glued)
{
	g->value = glued;
	if (glued && (arg == OPTION_NONE || arg == OPTION_MAYBE))
		return -1;
	if (!glued && (arg == OPTION_ONE || arg == OPTION_TWO) && take_value(p, g) < 0)
		return -1;
	if (arg == OPTION_TWO && !value_follows(p))
		return -1;
	if ((arg == OPTION_TWO || arg == OPTION_MAYBE) && value_follows(p))
		p->next++;
	return 0;
}

/* -j loads a target and -m a match, never the other kind, and never a chain's namesake. */
static void load(struct parser *p, const char *name, bool is_target)
{
	if (!isupper((unsigned char)*name) == !is_target)
		option_load(&p->loaded, extension_find(name, strlen(name)));
}

static int set_target(struct parser *p, const struct given *g)
{
	struct rule *r = p->rule;

	if (r->target || p->inverted)
		return -1;
	r->jumps = g->general->letter == 'j';
	r->target = g->word[1] ? g->word[1] : g->word[0];
	r->target_name = g->value;
	r->target_words[0] = g->word[0];
	r->target_words[1] = g->word[1];
	if (r->jumps)
		load(p, g->value, true);
	return 0;
}

static int set_command(struct parser *p, const struct given *g)
{
	struct rule *r = p->rule;
	char letter = g->general->letter;

	r->zeroes |= letter == 'Z';
	/* -Z goes with -L and with -S, which it is then; all else is one command a line */
	if (r->command && letter == 'Z' && strchr("LS", r->command))
		return 0;
	if (r->command && !(r->command == 'Z' && strchr("LS", letter)))
		return -1;
	r->command = letter;
	r->chain = g->value;
	return 0;
}

/* The words that belong to an option beyond its value: a rule number, a new name, ... */
static void take_more(struct parser *p, struct given *g)
{
	size_t more = g->general->more;

	/* what is glued to an option is the first of them */
	if (more && g->value && g->general->arg == OPTION_OPTIONAL)
		more--;
	for (; more && value_follows(p); more--) {
		if (!g->value)
			g->value = peek(p)->text;
		p->next++;
	}
}

/* What is refused in a rule line. */
static int use_command_line(struct parser *p, const struct given *g)
{
	struct rule *r = p->rule;

	if (!p->command_line)
		return -1;
	if (g->general->letter == 't') {
		r->table = g->value;
	} else if (g->general->letter == 'w') {
		r->waits = true;
		r->wait = g->value;
	}
	return 0;
}

static int use_general(struct parser *p, struct given *g)
{
	char letter = g->general->letter;

	take_more(p, g);
	if (strchr("ADCIRLSFZNXEP", letter))
		return set_command(p, g);
	p->rule->more |= !strchr("twWMv", letter);
	switch (letter) {
	case 'j':
	case 'g':
		return set_target(p, g);
	case 'm':
		load(p, g->value, false);
		p->rule->matches_mark |= !strcmp(g->value, "mark");
		return 0;
	case 'p':
		p->protocol = g->value;
		return 0;
	case '4':
	case '6':
		p->rule->ignored = (letter == '4') != (p->family == FAMILY_IPV4);
		return 0;
	case 'v':
		p->rule->verbose++;
		return 0;
	case '0':
		p->rule->numbers = true;
		return 0;
	case 'M':
		p->rule->modprobe = g->value;
		return 0;
	case 't':
	case 'w':
	case 'W':
		return use_command_line(p, g);
	case 'V':	/* these two end the whole program */
	case 'h':
		return -1;
	default:
		return 0;
	}
}

static int use_mark(struct parser *p, const struct given *g)
{
	struct rule *r = p->rule;
	char option[16];

	/* a second one is an error, and so is `! --set-mark` */
	if (r->mark[0] || p->inverted || g->name.len >= sizeof(option))
		return -1;
	memcpy(option, g->name.at, g->name.len);
	option[g->name.len] = '\0';
	r->mark[0] = g->word[0];
	r->mark[1] = g->word[1];
	return mark_parse(&r->op, option, g->value);
}

static int use(struct parser *p, struct given *g)
{
	int result = 0;

	if (g->general)
		result = use_general(p, g);
	else if (g->extension && !strcmp(g->extension->name, "MARK"))
		result = use_mark(p, g);
	p->rule->more |= !g->general;
	p->inverted = false;
	return result;
}

/* command_default() loads the extension of -p when getopt can't make out an option. */
static enum option_result look_up(struct parser *p, struct option_found *f, struct span name)
{
	enum option_result found = option_long(f, &p->loaded, name);

	if (found == OPTION_FOUND || !p->protocol)
		return found;
	option_load(&p->loaded, extension_for_protocol(p->protocol, strlen(p->protocol)));
	p->protocol = NULL;
	return option_long(f, &p->loaded, name);
}

static int parse_long(struct parser *p, const struct lexer_word *w)
{
	struct span name = { w->text + 2, strcspn(w->text + 2, "=") };
	const char *glued = name.at[name.len] ? name.at + name.len + 1 : NULL;
	struct given g = { .word = { w } };
	struct option_found f;

	switch (look_up(p, &f, name)) {
	case OPTION_AMBIGUOUS:
		return -1;
	case OPTION_UNKNOWN:
		p->inverted = false;
		p->rule->more = true;
		return give(p, &g, !glued && value_follows(p) ? OPTION_ONE : OPTION_OPTIONAL,
			    glued);
	case OPTION_FOUND:
		break;
	}
	g.general = f.general;
	g.extension = f.extension;
	g.name = f.name;
	if (give(p, &g, f.arg, glued) < 0)
		return -1;
	return use(p, &g);
}

/* A word of short options: the first that takes a value takes the rest of the word. */
static int parse_short(struct parser *p, const struct lexer_word *w)
{
	for (const char *c = w->text + 1; *c && !p->rule->ignored; c++) {
		const struct option_general *o = option_by_letter(*c);
		struct given g = { .general = o, .word = { w } };
		const char *glued = c[1] ? c + 1 : NULL;

		if (!o || give(p, &g, o->arg, o->arg == OPTION_NONE ? NULL : glued) < 0 ||
		    use(p, &g) < 0)
			return -1;
		if (o->arg != OPTION_NONE)
			break;
	}
	return 0;
}

static int parse_word(struct parser *p)
{
	const struct lexer_word *w = &p->words->at[p->next++];

	if (!strcmp(w->text, "!")) {
		if (p->inverted)
			return -1;
		p->inverted = true;
		return 0;
	}
	/* after `--` nothing may follow; a word that belongs to no option is an error */
	if (!strcmp(w->text, "--"))
		return peek(p) ? -1 : 0;
	if (w->text[0] != '-' || !w->text[1])
		return -1;
	return w->text[1] == '-' ? parse_long(p, w) : parse_short(p, w);
}

static int parse(struct parser *p)
{
	*p->rule = (struct rule){ 0 };
	while (p->next < p->words->n && !p->rule->ignored)
		if (parse_word(p) < 0)
			return -1;
	return p->inverted && !p->rule->ignored ? -1 : 0;
}

int rule_parse(struct rule *r, const struct lexer_words *words, enum family family)
{
	struct parser p = { .rule = r, .words = words, .family = family };

	return parse(&p);
}

int rule_parse_command(struct rule *r, const struct lexer_words *words, enum family family)
{
	struct parser p = { .rule = r, .words = words, .family = family, .command_line = true };

	return parse(&p);
}
