#include "real_version.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "own.h"
#include "process.h"

#define PATIENCE_MS 2000

enum backend real_version_parse(const char *printed)
{
	const char *version = strstr(printed, "tables");

	if (!version || !strstr(version, " v1."))
		return BACKEND_UNKNOWN;
	if (strstr(version, "(nf_tables)"))
		return BACKEND_NFT;
	return strstr(version, "(legacy)") || !strchr(version, '(') ? BACKEND_LEGACY
		: BACKEND_UNKNOWN;
}

static void child(const char *path, const char *name, int out)
{
	char *const argv[] = { (char *)name, (char *)"--version", NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0)
		_exit(126);
	process_give_back();
	execv(path, argv);
	_exit(127);
}

static void read_version(int fd, char *printed, size_t size)
{
	uint64_t end = process_now() + PATIENCE_MS * UINT64_C(1000000);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	ssize_t n = 1;

	while (n > 0 && used + 1 < size && process_now() < end && poll(&p, 1, PATIENCE_MS) == 1) {
		n = read(fd, printed + used, size - 1 - used);
		used += n > 0 ? (size_t)n : 0;
	}
	printed[used] = '\0';
}

enum backend real_version_backend(const char *path, const char *name)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, came;
	OWN_FD int in = -1;
	char printed[256];
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return BACKEND_UNKNOWN;
	in = ends[0];
	/* a caller that ignores SIGCHLD would have us wait in vain */
	sigaction(SIGCHLD, &usual, &came);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGCHLD, &came, NULL);
		child(path, name, ends[1]);
	}
	close(ends[1]);
	printed[0] = '\0';
	if (pid > 0) {
		read_version(in, printed, sizeof(printed));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	sigaction(SIGCHLD, &came, NULL);
	return real_version_parse(printed);
}
