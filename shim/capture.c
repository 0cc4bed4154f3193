#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "process.h"

static void child(const struct capture_job *job, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* whoever ends us means this one too */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null < 0 || dup2(job->input < 0 ? null : job->input, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(job->errors_too ? out : null, STDERR_FILENO) < 0)
		_exit(126);
	process_give_back();
	execv(job->path, (char *const *)job->argv);
	_exit(127);
}

/* What is left of the patience at `end`, as poll() wants it. */
static int left_ms(const struct capture_job *job, uint64_t end)
{
	uint64_t now = process_now();

	if (!job->patience_ms)
		return -1;
	return now < end ? (int)((end - now) / 1000000) : 0;
}

/* Is there more, or the end, before the patience ends? */
static bool comes(struct pollfd *p, const struct capture_job *job, uint64_t end)
{
	int n;

	do {
		n = poll(p, 1, left_ms(job, end));
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

static void read_all(const struct capture_job *job, int fd, struct text *out, size_t max)
{
	uint64_t end = process_now() + (uint64_t)job->patience_ms * 1000000;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buffer[4096];
	ssize_t n = 1;

	while (n != 0 && out->len < max && comes(&p, job, end)) {
		n = read(fd, buffer, sizeof(buffer));
		if (n < 0 && errno != EINTR)
			return;
		text_add(out, buffer, n > 0 ? (size_t)n : 0);
	}
}

int capture(const struct capture_job *job, struct text *out, size_t max, int *status, struct err *e)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, came;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "%s: a pipe", job->path);
	/* a caller that ignores SIGCHLD would have us wait in vain */
	sigaction(SIGCHLD, &usual, &came);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGCHLD, &came, NULL);
		child(job, ends[1]);
	}
	close(ends[1]);
	if (pid > 0) {
		read_all(job, ends[0], out, max);
		/* one that has more to say must not wait for us */
		close(ends[0]);
		ends[0] = -1;
		if (job->patience_ms)
			kill(pid, SIGKILL);	/* no effect on one that has ended */
		process_wait(pid, status, 0);
	}
	if (ends[0] >= 0)
		close(ends[0]);
	sigaction(SIGCHLD, &came, NULL);
	if (pid < 0)
		return err_sys(e, "%s: a process", job->path);
	return out->failed ? err_set(e, "%s: no memory for what it prints", job->path) : 0;
}
