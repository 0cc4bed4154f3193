#include "callers.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "own.h"
#include "path_order.h"

#define ENVIRON_MAX 65536

/* Programs that go on running, by what /proc/PID/comm says (15 bytes). */
static const struct {
	const char *comm;
	bool by_name;		/* asks for ip6tables-nft-restore and the like first */
	bool kube;
} daemons[] = {
	{ "kubelet",		false,	true },
	{ "kube-proxy",		false,	true },
	{ "kube-router",	false,	true },
	{ "k3s-server",		false,	true },
	{ "k3s-agent",		false,	true },
	{ "k3s",		false,	true },
	{ "rke2",		false,	true },
	{ "calico-node",	true,	true },
	{ "antrea-agent",	false,	true },
	{ "cilium-agent",	false,	true },
	{ "tailscaled",		false,	false },
	{ "dockerd",		false,	false },
	{ "containerd",		false,	false },
	{ "crio",		false,	false },
};

/* Programs that run once, and ask for legacy's names by themselves; where they look. */
static const struct {
	const char *name, *file, *path;
} scripts[] = {
	{ "ferm",	"/usr/sbin/ferm",	"/usr/sbin:/sbin:" PATH_ORDER_DEFAULT },
	{ "firehol",	"/usr/sbin/firehol",	PATH_ORDER_DEFAULT },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const plain[] = { "ip6tables-restore", NULL };
static const char *const backends[] = { "ip6tables-nft-restore", "ip6tables-legacy-restore", NULL };
static const char *const legacy[] = { "ip6tables-legacy-restore", "ip6tables-restore", NULL };

const char *callers_way_text(enum callers_way w)
{
	static const char *const texts[] = {
		[CALLERS_REACHED] = "its PATH leads to markshim",
		[CALLERS_PAST] = "its PATH leads past markshim",
		[CALLERS_BY_NAME] = "it asks for -nft and -legacy names by itself, past markshim",
		[CALLERS_BY_PATH] = "it asks for -legacy names in /usr/sbin, past markshim",
		[CALLERS_UNKNOWN] = "cannot tell what it runs",
	};

	return texts[w];
}

/* The first of the names that there is decides. */
static void follow(struct caller_seen *s, int root, const char *path, const char *const *names)
{
	static const enum callers_way ways[] = {
		[PATH_ORDER_NONE] = CALLERS_UNKNOWN, [PATH_ORDER_OTHER] = CALLERS_PAST,
		[PATH_ORDER_MARKSHIM] = CALLERS_REACHED,
	};
	enum path_order o = PATH_ORDER_NONE;

	for (const char *const *n = names; *n && o == PATH_ORDER_NONE; n++)
		o = path_order_find(root, path, *n, s->path);
	s->way = names == plain || o != PATH_ORDER_OTHER ? ways[o]
		: strncmp(path, "/usr/sbin:", strlen("/usr/sbin:")) != 0 ? CALLERS_BY_NAME
		: CALLERS_BY_PATH;
}

static size_t read_file(int dir, const char *name, char *text, size_t size)
{
	OWN_FD int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* PATH out of an environment of `len` bytes, or NULL. */
static const char *path_of(const char *environment, size_t len)
{
	for (size_t i = 0; i < len; i += strlen(environment + i) + 1)
		if (!strncmp(environment + i, "PATH=", strlen("PATH=")))
			return environment + i + strlen("PATH=");
	return NULL;
}

static bool is_contained(int dir)
{
	struct stat its, ours;

	return !fstatat(dir, "root", &its, 0) && !stat("/", &ours) &&
		(its.st_dev != ours.st_dev || its.st_ino != ours.st_ino);
}

static void add_daemon(struct callers *c, int dir, pid_t pid, size_t which)
{
	static char environment[ENVIRON_MAX];
	size_t len = read_file(dir, "environ", environment, sizeof(environment));
	OWN_FD int root = openat(dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *path = path_of(environment, len);
	struct caller_seen *s = &c->at[c->n++];

	*s = (struct caller_seen){
		.name = daemons[which].comm, .pid = pid, .way = CALLERS_UNKNOWN,
		.contained = is_contained(dir),
	};
	c->kube |= daemons[which].kube;
	if (root >= 0 && len)
		follow(s, root, path ? path : PATH_ORDER_DEFAULT, daemons[which].by_name ? backends : plain);
}

static void add_process(struct callers *c, int proc, const char *pid)
{
	OWN_FD int dir = openat(proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	char comm[32];

	/* only root sets rules, and a name is easily had */
	if (dir < 0 || fstat(dir, &st) < 0 || st.st_uid != 0)
		return;
	read_file(dir, "comm", comm, sizeof(comm));
	comm[strcspn(comm, "\n")] = '\0';
	for (size_t i = 0; i < COUNT(daemons); i++)
		if (!strcmp(comm, daemons[i].comm) && c->n < CALLERS_MAX)
			add_daemon(c, dir, (pid_t)strtol(pid, NULL, 10), i);
}

void callers_find(struct callers *c)
{
	OWN_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	DIR *proc = opendir("/proc");
	struct dirent *d;

	*c = (struct callers){ 0 };
	while (proc && (d = readdir(proc)))
		if (isdigit((unsigned char)*d->d_name))
			add_process(c, dirfd(proc), d->d_name);
	if (proc)
		closedir(proc);
	for (size_t i = 0; i < COUNT(scripts) && c->n < CALLERS_MAX; i++) {
		if (access(scripts[i].file, X_OK))
			continue;
		c->at[c->n].name = scripts[i].name;
		follow(&c->at[c->n++], root, scripts[i].path, legacy);
	}
}
