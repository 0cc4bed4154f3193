/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As tests/container/iptables-wrapper, but the way that the wrapper goes which is a
 * program: the call is made again as a child, by the name in argv[0], which PATH may
 * lead to anything in front, and without standard input.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[] = {
	"iptables", "iptables-restore", "iptables-save",
	"ip6tables", "ip6tables-restore", "ip6tables-save",
};

static const char *find_mode(void)
{
	char line[512];
	FILE *rules = popen("/usr/sbin/xtables-legacy-multi ip6tables-save -t mangle | "
			    "grep -c KUBE-IPTABLES-HINT", "r");

	if (!rules || !fgets(line, sizeof(line), rules))
		return "nft";
	pclose(rules);
	return *line == '0' ? "nft" : "legacy";
}

static int lead_names(const char *mode)
{
	char name[64], target[64];

	snprintf(target, sizeof(target), "/usr/sbin/xtables-%s-multi", mode);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "/usr/sbin/%s", names[i]);
		if (unlink(name) < 0 || symlink(target, name) < 0)
			return -1;
	}
	return 0;
}

int main(int argc, char *argv[])
{
	int status;
	pid_t pid;

	if (argc < 1 || lead_names(find_mode()) < 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		if (dup2(open("/dev/null", O_RDONLY), STDIN_FILENO) == 0)
			execvp(argv[0], argv);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
		WEXITSTATUS(status) : 1;
}
