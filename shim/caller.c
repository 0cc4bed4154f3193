#include "caller.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "own.h"

/* Name and parent out of /proc/PID/stat: "PID (NAME) STATE PPID ...". */
static pid_t read_stat(pid_t pid, char name[static CALLER_NAME_MAX])
{
	char path[32], text[256];
	char *open_at, *close_at;
	OWN_FD int fd = -1;
	int parent;
	ssize_t n;

	*name = '\0';
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* the name may hold anything, parentheses too */
	open_at = strchr(text, '(');
	close_at = strrchr(text, ')');
	if (!open_at || !close_at || close_at < open_at)
		return 0;
	snprintf(name, CALLER_NAME_MAX, "%.*s", (int)(close_at - open_at - 1), open_at + 1);
	return sscanf(close_at + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

struct caller caller_find(void)
{
	struct caller c = { .pid = getppid() };
	pid_t parent = c.pid > 0 ? read_stat(c.pid, c.name) : 0;

	if (parent > 0)
		read_stat(parent, c.parent);
	return c;
}
