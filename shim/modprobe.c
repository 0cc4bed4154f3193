#include "modprobe.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "own.h"
#include "process.h"

static void read_path(char path[static PATH_MAX])
{
	OWN_FD int fd = open("/proc/sys/kernel/modprobe", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, path, PATH_MAX - 1);

	path[n > 0 ? n : 0] = '\0';
	path[strcspn(path, "\n")] = '\0';
}

static void child(const char *path, const char *module)
{
	/* kernel/module/kmod.c: call_modprobe() */
	char *const environment[] = {
		(char *)"HOME=/", (char *)"TERM=linux",
		(char *)"PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL
	};
	char *const argv[] = { (char *)path, (char *)"-q", (char *)module, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(126);
	process_give_back();
	execve(path, argv, environment);
	_exit(127);
}

void modprobe(const char *module)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, came;
	char path[PATH_MAX];
	pid_t pid;

	read_path(path);
	/* an empty path turns module loading off */
	if (*path != '/')
		return;
	sigaction(SIGCHLD, &usual, &came);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGCHLD, &came, NULL);
		child(path, module);
	}
	if (pid > 0)
		process_wait(pid, NULL, 0);
	sigaction(SIGCHLD, &came, NULL);
}
