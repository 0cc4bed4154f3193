#include "ruleset.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct text ruleset_rewrite_job(const struct rewrite_job *job)
{
	static struct rewrite r;
	struct text out = { 0 };
	struct rewrite_piece p;
	struct err e;

	text_add(&out, "", 0);
	rewrite_begin(&r, job);
	while (rewrite_next(&r, &p, &e) == 1)
		text_span(&out, p.out);
	rewrite_end(&r);
	return out;
}

struct form_order ruleset_order(void)
{
	struct form_order o = form_order_default();
	struct err e;

	for (int t = 0; t < TABLE_COUNT; t++)
		form_order_set(&o, t, t == TABLE_RAW ? "none" : "connmark", &e);
	return o;
}

struct text ruleset_rewrite(struct span rules, enum kernel_class c)
{
	const struct kernel kernel = kernel_of_class(c);
	const struct form_order order = ruleset_order();
	const struct rewrite_job job = {
		.rules = rules, .family = FAMILY_IPV6, .kernel = &kernel, .order = &order,
	};

	return ruleset_rewrite_job(&job);
}

/* nftw() passes nothing on. */
static void (*each)(struct span rules, const char *name);
static size_t found;

static int visit(const char *path, const struct stat *st, int type, struct FTW *where)
{
	const char *name = path + where->base;
	int fd;
	char *bytes;

	if (type != FTW_F || (strcmp(name, "input") != 0 && !strstr(name, "tables-")) ||
	    strstr(name, ".argv"))
		return 0;
	fd = open(path, O_RDONLY);
	bytes = malloc((size_t)st->st_size + 1);
	if (fd < 0 || !bytes || read(fd, bytes, (size_t)st->st_size) != st->st_size)
		abort();
	each((struct span){ bytes, (size_t)st->st_size }, path);
	found++;
	free(bytes);
	return close(fd);
}

size_t ruleset_each_recorded(void (*check)(struct span rules, const char *name))
{
	each = check;
	found = 0;
	if (nftw("tests/data", visit, 16, FTW_PHYS) != 0)
		return 0;
	return found;
}

uint32_t ruleset_next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

#define PICK(seed, array) (array)[ruleset_next_random(seed) % (sizeof(array) / sizeof((array)[0]))]

static void add_rule(struct text *t, uint32_t *seed)
{
	static const char *const heads[] = {
		"-A T ", "-A OUTPUT ", "[1:2] -A T ", "-I T 1 ", "\t-A T ", "-D T ", "-A\tT\t",
		"-R T 1 ", "-C T ", "-A T -v ",
	};
	static const char *const matches[] = {
		"", "", "-m comment --comment \"x -j MARK --set-mark 9\" ", "-m limit --limit 1/s ",
		"-m comment --comment -j ", "-m mark ! --mark 0x1/0x1 ", "-p tcp --dport 80 ",
		"-m comment --comment \"KUBE-MARK-MASQ\" ", "-i MARK ",
	};
	static const char *const targets[] = {
		"-j MARK --set-mark 1", "-j MARK --or-mark 0x4000", "--jump MARK --xor 0x4000",
		"-j \"MARK\"--set-mark 0x2/0xf", "-j MA\"RK\" --and-mark 7", "-jMARK --set-x 3/1",
		"--jump=\"MARK\" --set-mark=\"5\"-m mark --mark 1", "-j MARK --set-mark 08",
		"-j MARK", "-j ACCEPT", "-j KUBE-MARK-MASQ", "-j zz-mark-1-1", "-j \"M\\ARK\" --or 1",
		"-j MARK -m comment --comment y --set-xmark 0x4000/0x4000", "-g MARK",
		"-j MARK --set-mark 1 -j ACCEPT", "-j zz-mark-01-1", "-j MARK --set-mark 1 -4",
	};
	static const char *const ends[] = { "\n", "\n", "\n", " \n", "\t\n", "\r\n", "\n\n" };

	text_puts(t, PICK(seed, heads));
	text_puts(t, PICK(seed, matches));
	text_puts(t, PICK(seed, targets));
	if (ruleset_next_random(seed) % 40 == 0)
		for (int i = 0; i < LEXER_LINE_MAX; i++)
			text_puts(t, " ");
	if (ruleset_next_random(seed) % 40 == 0)
		text_add(t, "\0-j MARK", 8);
	text_puts(t, PICK(seed, ends));
}

static void add_other(struct text *t, uint32_t *seed)
{
	static const char *const lines[] = {
		"# -j MARK --set-mark 1\n", "\n", ":U - [0:0]\n", ":zz-mark-1-1 - [0:0]\n",
		"-A zz-mark-1-1 -j CONNMARK --restore-mark --nfmask 0x1 --ctmask 0x1\n",
		"-F\n", "-X\n", "-F T\n", "-N V\n", ":zz-mark-4000-4000 - [3:4]\n",
	};

	text_puts(t, PICK(seed, lines));
}

struct text ruleset_random(uint32_t *seed)
{
	static const char *const tables[] = { "nat", "mangle", "filter", "security", "raw", "odd" };
	struct text t = { 0 };
	uint32_t n = ruleset_next_random(seed) % 3 + 1;

	while (n--) {
		text_printf(&t, "*%s\n:T - [0:0]\n", PICK(seed, tables));
		for (uint32_t i = ruleset_next_random(seed) % 12; i; i--)
			if (ruleset_next_random(seed) % 4)
				add_rule(&t, seed);
			else
				add_other(&t, seed);
		text_puts(&t, "COMMIT\n");
	}
	if (ruleset_next_random(seed) % 4 == 0)
		t.len--;
	return t;
}
