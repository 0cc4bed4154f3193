#include "group.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "front.h"
#include "own.h"
#include "process.h"
#include "real.h"
#include "store.h"

#define PRIORITY "50"			/* iptables' own have 10 and 20 */
#define PATIENCE_MS 60000
#define SAID_MAX 65536
#define WORDS_MAX (8 + 4 * ALTERNATIVES_MAX)

/* What is to be put into a group. */
struct plan {
	struct alternatives a;
	const struct alternatives_choice *base;	/* what it would be without us; NULL: nothing */
	char selected[PATH_MAX];
	char leader[PATH_MAX];
	bool ipv4;
};

/* A command line for the alternatives' program, and the texts of its words. */
struct words {
	const char *at[WORDS_MAX];
	size_t n;
	char room[WORDS_MAX][PATH_MAX];
};

static void add(struct words *w, struct span s)
{
	snprintf(w->room[w->n], PATH_MAX, "%.*s", SPAN_ARG(s));
	w->at[w->n] = w->room[w->n];
	w->n++;
}

static void add_text(struct words *w, const char *text)
{
	add(w, span_of(text));
}

static void begin(struct words *w, const char *tool, const char *action)
{
	w->n = 0;
	add_text(w, tool);
	add_text(w, action);
}

/* What it says is passed on, as it would be said to whoever called it. */
static int run(struct words *w, struct err *e)
{
	const struct capture_job job = {
		.path = w->at[0], .argv = w->at, .input = -1, .errors_too = true,
		.patience_ms = PATIENCE_MS,
	};
	OWN_TEXT struct text said = { 0 };
	int status;

	w->at[w->n] = NULL;
	if (capture(&job, &said, SAID_MAX, &status, e) < 0)
		return -1;
	fputs(said.at ? said.at : "", stdout);
	if (!process_has_failed(status))
		return 0;
	return err_set(e, "`%s %s' has failed", w->at[0], w->at[1]);
}

static int run_on(const char *tool, const char *action, const char *group, const char *path,
		  struct err *e)
{
	static struct words w;

	begin(&w, tool, action);
	add_text(&w, group);
	add_text(&w, path);
	return run(&w, e);
}

/* The record of what was selected by hand. */
static void record_name(char file[static 64], const char *group)
{
	snprintf(file, 64, REAL_RECORD_PREFIX "%s", group);
}

static bool read_record(const char *group, char path[static PATH_MAX])
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, false);
	char file[64];

	record_name(file, group);
	if (dir < 0 || store_read(dir, file, path, PATH_MAX) < 0)
		return false;
	path[strcspn(path, "\n")] = '\0';
	return true;
}

static int keep_record(const struct plan *p, struct err *e)
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, true);
	char file[64];

	if (dir < 0)
		return err_sys(e, "the directory `%s'", REAL_RECORD_DIR);
	record_name(file, p->a.group);
	if (!p->a.manual)
		unlinkat(dir, file, 0);
	else if (!front_is_ours(span_of(p->selected)) && store_write(dir, file, p->selected) < 0)
		return err_sys(e, "writing `%s/%s'", REAL_RECORD_DIR, file);
	return 0;
}

static const struct alternatives_choice *best_other(const struct alternatives *a)
{
	const struct alternatives_choice *c = NULL;

	while ((c = alternatives_next(a, c)) && front_is_ours(c->path))
		;
	return c;
}

static void choose_base(struct plan *p)
{
	char recorded[PATH_MAX];

	p->base = NULL;
	if (p->a.manual && !front_is_ours(span_of(p->selected)))
		p->base = alternatives_find(&p->a, p->selected);
	else if (p->a.manual && read_record(p->a.group, recorded))
		p->base = alternatives_find(&p->a, recorded);
	if (!p->base)
		p->base = best_other(&p->a);
}

/*
 * iptables itself is not there yet; its group begins with us, and gets what is its own later.  Not
 * so a group of both families: without a program behind, nothing of ours could lead it.
 */
static int begin_group(struct alternatives *a, enum family family, struct err *e)
{
	*a = (struct alternatives){ .system = alternatives_here() };
	if (!a->system)
		return err_set(e, "this system has no alternatives; `markshim install --dir DIR' puts "
			       "links in front of the real programs");
	if (!a->system->per_family)
		return err_set(e, "the alternatives have no group `iptables' yet; `markshim enable' "
			       "puts markshim in front when iptables is there");
	a->group = family == FAMILY_IPV4 ? "iptables" : "ip6tables";
	snprintf(a->text, sizeof(a->text), "auto\n/usr/sbin/%s\n%s-restore\n/usr/sbin/%s-restore\n"
		 "%s-save\n/usr/sbin/%s-save\n\n", a->group, a->group, a->group, a->group, a->group);
	return alternatives_parse(a);
}

/* The program of ours that stands in for a name, if it has one. */
static bool stand_in(const struct plan *p, struct span name, char path[static PATH_MAX])
{
	char plain[APPLET_NAME_MAX], tables[APPLET_NAME_MAX];
	struct applet a;

	if (name.len >= sizeof(plain))
		return false;
	snprintf(plain, sizeof(plain), "%.*s", SPAN_ARG(name));
	if (!applet_find(&a, plain) || (a.family == FAMILY_IPV4 && !p->ipv4))
		return false;
	snprintf(tables, sizeof(tables), "%.*s", (int)(strstr(plain, "tables") + 6 - plain), plain);
	snprintf(path, PATH_MAX, "%s/%s-markshim%s", SBINDIR, tables, plain + strlen(tables));
	return true;
}

/* Our own link as leader of a group that has IPv4's programs; its name tells what it stands for. */
static int make_leader(struct plan *p, struct err *e)
{
	static const char directory[] = FRONT_LEADERS;
	char behind[PATH_MAX], fresh[PATH_MAX + 8];
	const char *base = p->base ? memrchr(p->base->path.at, '/', p->base->path.len) : NULL;

	if (!base)
		return err_set(e, "the group `%s' has no program to stand in front of", p->a.group);
	snprintf(p->leader, sizeof(p->leader), "%s%.*s", directory,
		 (int)(p->base->path.at + p->base->path.len - base - 1), base + 1);
	if (!stand_in(p, span_of("iptables"), behind))
		snprintf(behind, sizeof(behind), "%.*s", SPAN_ARG(p->base->path));
	snprintf(fresh, sizeof(fresh), "%s.new", p->leader);
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return err_sys(e, "the directory `%s'", directory);
	unlink(fresh);
	if (symlink(behind, fresh) < 0 || rename(fresh, p->leader) < 0)
		return err_sys(e, "the link `%s'", p->leader);
	return 0;
}

static int install(const struct plan *p, struct err *e)
{
	static struct words w;
	char path[PATH_MAX];

	begin(&w, p->a.system->tool, "--install");
	add(&w, p->a.link);
	add_text(&w, p->a.group);
	add_text(&w, p->leader);
	add_text(&w, PRIORITY);
	for (size_t i = 0; i < p->a.n_followers; i++) {
		const struct span name = p->a.followers[i].name;
		struct span to = p->base ? p->base->followers[i] : (struct span){ "", 0 };

		if (stand_in(p, name, path))
			to = span_of(path);
		if (!to.len)
			continue;
		add_text(&w, "--slave");
		add(&w, p->a.followers[i].link);
		add(&w, name);
		add(&w, to);
	}
	return run(&w, e);
}

/* What an earlier call has put there under another name. */
static int remove_others(const struct plan *p, struct err *e)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < p->a.n_choices; i++) {
		const struct span other = p->a.choices[i].path;

		if (!front_is_ours(other) || span_is(other, p->leader))
			continue;
		snprintf(path, sizeof(path), "%.*s", SPAN_ARG(other));
		if (p->a.manual && !strcmp(path, p->selected) &&
		    run_on(p->a.system->tool, "--set", p->a.group, p->leader, e) < 0)
			return -1;
		if (run_on(p->a.system->tool, "--remove", p->a.group, path, e) < 0)
			return -1;
		unlink(path);
	}
	return 0;
}

int group_enable(enum family family, bool ipv4, struct err *e)
{
	static struct plan p;

	p.ipv4 = ipv4;
	if (alternatives_open(&p.a, family) < 0 && begin_group(&p.a, family, e) < 0)
		return -1;
	alternatives_selected(&p.a, p.selected);
	choose_base(&p);
	snprintf(p.leader, sizeof(p.leader), "%s", FRONT_PROGRAM);
	if (keep_record(&p, e) < 0 ||
	    (!strcmp(p.a.group, "iptables") && make_leader(&p, e) < 0) || install(&p, e) < 0)
		return -1;
	return remove_others(&p, e);
}

/* What was selected by hand before, if we are what is selected now. */
static int give_back(const struct alternatives *a, struct err *e)
{
	char selected[PATH_MAX], recorded[PATH_MAX];

	alternatives_selected(a, selected);
	if (!a->manual || !front_is_ours(span_of(selected)) || !read_record(a->group, recorded) ||
	    !alternatives_find(a, recorded))
		return 0;
	return run_on(a->system->tool, "--set", a->group, recorded, e);
}

int group_disable(enum family family, struct err *e)
{
	OWN_FD int dir = store_open(REAL_RECORD_DIR, false);
	static struct alternatives a;
	char path[PATH_MAX];

	if (alternatives_open(&a, family) < 0)
		return 0;
	if (give_back(&a, e) < 0)
		return -1;
	for (size_t i = 0; i < a.n_choices; i++) {
		if (!front_is_ours(a.choices[i].path))
			continue;
		snprintf(path, sizeof(path), "%.*s", SPAN_ARG(a.choices[i].path));
		if (run_on(a.system->tool, "--remove", a.group, path, e) < 0)
			return -1;
		if (strcmp(path, FRONT_PROGRAM) != 0)
			unlink(path);
	}
	record_name(path, a.group);
	if (dir >= 0)
		unlinkat(dir, path, 0);
	rmdir(FRONT_LEADERS);
	return 0;
}

bool group_has_ipv4(void)
{
	static struct alternatives a;
	const struct alternatives_choice *c = NULL;
	struct stat st, program;
	char path[PATH_MAX];

	if (alternatives_open(&a, FAMILY_IPV4) < 0 || stat(FRONT_PROGRAM, &program) < 0)
		return false;
	while ((c = alternatives_next(&a, c))) {
		snprintf(path, sizeof(path), "%.*s", SPAN_ARG(c->path));
		if (front_is_ours(c->path) && stat(path, &st) == 0 && st.st_ino == program.st_ino &&
		    st.st_dev == program.st_dev)
			return true;
	}
	return false;
}
