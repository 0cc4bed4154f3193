#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "own.h"
#include "process.h"
#include "text.h"

/* The longest line of messages that is waited for; the rest of a longer one passes as it is. */
#define MESSAGE_MAX 65536

struct child {
	pid_t pid;
	int signals;			/* signalfd */
	int messages;			/* its standard error; -1 when that has ended */
	const struct line_map *map;
	struct text waiting;		/* a line that has not ended yet */
	struct text queue;		/* what the caller shall read, from byte `said` on */
	size_t said;
	int status;
	bool ended;
	bool hurried;			/* a signal came that ends what is not ready for it */
};

static bool has_more_to_say(const struct child *c)
{
	return c->said < c->queue.len;
}

/* Of what fits in a pipe that can be written to, so that no reader can hold us. */
static void say_some(struct child *c)
{
	size_t len = c->queue.len - c->said;
	ssize_t n = write(STDERR_FILENO, c->queue.at + c->said, len < PIPE_BUF ? len : PIPE_BUF);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	c->said += n > 0 ? (size_t)n : len;	/* nobody reads any more */
	if (has_more_to_say(c))
		return;
	text_release(&c->queue);
	c->said = 0;
}

static void say_mapped(struct child *c, struct span message)
{
	OWN_TEXT struct text mapped = { 0 };

	line_map_message(c->map, &mapped, message);
	text_span(&c->queue, mapped.failed ? message : (struct span){ mapped.at, mapped.len });
}

/* Lines come out as soon as they are whole. */
static void say_lines(struct child *c, struct span more)
{
	const char *newline;

	while (more.len && (newline = memchr(more.at, '\n', more.len))) {
		size_t len = (size_t)(newline - more.at) + 1;

		text_add(&c->waiting, more.at, len);
		say_mapped(c, (struct span){ c->waiting.at, c->waiting.len });
		text_release(&c->waiting);
		more = span_from(more, len);
	}
	text_span(&c->waiting, more);
	if (c->waiting.len > MESSAGE_MAX) {
		say_mapped(c, (struct span){ c->waiting.at, c->waiting.len });
		text_release(&c->waiting);
	}
}

/* Reads once.  Returns false when there is nothing to be had now, or no more ever. */
static bool read_messages(struct child *c)
{
	char buffer[4096];
	ssize_t n = read(c->messages, buffer, sizeof(buffer));

	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		close(c->messages);
		c->messages = -1;
		return false;
	}
	say_lines(c, (struct span){ buffer, (size_t)n });
	return true;
}

static void reap(struct child *c)
{
	int status;

	while (waitpid(c->pid, &status, WNOHANG | WUNTRACED) == c->pid) {
		if (!WIFSTOPPED(status)) {
			c->status = status;
			c->ended = true;
			return;
		}
		/* stop with it; whoever continues us continues it */
		raise(SIGSTOP);
		kill(c->pid, SIGCONT);
	}
}

/* A terminal's signals go to its whole foreground group, so the child has them already. */
static bool from_terminal(const struct signalfd_siginfo *s)
{
	static const uint32_t keys[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (s->ssi_signo == keys[i] && s->ssi_code == SI_KERNEL)
			return true;
	return false;
}

static void take_signal(struct child *c)
{
	struct signalfd_siginfo s;

	if (read(c->signals, &s, sizeof(s)) != (ssize_t)sizeof(s))
		return;
	/* from writing what nobody reads; nobody else's */
	if (s.ssi_signo == SIGPIPE && s.ssi_pid == (uint32_t)getpid())
		return;
	c->hurried |= s.ssi_signo == SIGTERM || s.ssi_signo == SIGINT ||
		s.ssi_signo == SIGHUP || s.ssi_signo == SIGQUIT;
	if (c->ended)
		return;
	if (s.ssi_signo == SIGCHLD)
		reap(c);
	else if (!from_terminal(&s))
		kill(c->pid, (int)s.ssi_signo);
}

/* Without waiting; after a signal nobody waits for a slow reader any more. */
static bool can_say(void)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) == 1;
}

/* What comes first of a signal, a message, and the caller's readiness to read one. */
static void attend_once(struct child *c)
{
	bool says = has_more_to_say(c);
	struct pollfd p[] = {
		{ .fd = c->signals, .events = POLLIN },
		{ .fd = says || c->ended ? -1 : c->messages, .events = POLLIN },
		{ .fd = says ? STDERR_FILENO : -1, .events = POLLOUT },
	};

	if (poll(p, 3, -1) < 0)
		return;
	if (p[2].revents)
		say_some(c);
	if (p[1].revents)
		read_messages(c);
	if (p[0].revents)
		take_signal(c);
}

static void attend(struct child *c)
{
	while (!c->ended)
		attend_once(c);
	/* a grandchild may hold the pipe open, so only what is there is read */
	while (c->messages >= 0 && read_messages(c))
		;
	say_mapped(c, (struct span){ c->waiting.at, c->waiting.len });
	text_release(&c->waiting);
	while (has_more_to_say(c) && (!c->hurried || can_say()))
		attend_once(c);
	text_release(&c->queue);
}

static void become_real(const struct real *real, char *argv[], int rules, int messages,
			const sigset_t *mask, const struct sigaction *child_action, pid_t parent)
{
	const char *slash;
	struct err e;
	int failed;

	/* a caller that kills us means the real program */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || dup2(rules, STDIN_FILENO) < 0 ||
	    dup2(messages, STDERR_FILENO) < 0)
		_exit(REAL_CANNOT_RUN);
	process_enter_once();
	sigaction(SIGCHLD, child_action, NULL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	failed = real_exec(real, argv, &e);
	slash = strrchr(argv[0], '/');
	dprintf(STDERR_FILENO, "markshim: %s: %s\n", slash ? slash + 1 : argv[0], e.text);
	_exit(failed);
}

static int start(struct child *c, const struct real *real, char *argv[], int rules, struct err *e)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, came;
	sigset_t all, mask;
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "a pipe for messages");
	c->messages = ends[0];
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	sigaction(SIGCHLD, &usual, &came);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	c->signals = signalfd(-1, &all, SFD_CLOEXEC);
	c->pid = c->signals < 0 ? -1 : fork();
	if (c->pid == 0)
		become_real(real, argv, rules, ends[1], &mask, &came, parent);
	close(ends[1]);
	if (c->pid > 0)
		return 0;
	err_sys(e, "a process for the real program");
	sigaction(SIGCHLD, &came, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	close(ends[0]);
	if (c->signals >= 0)
		close(c->signals);
	return -1;
}

int feed_real(const struct real *real, char *argv[], int rules, const struct line_map *map,
	       int *status, struct err *e)
{
	struct child c = { .map = map };

	if (start(&c, real, argv, rules, e) < 0)
		return -1;
	attend(&c);
	close(c.signals);
	if (c.messages >= 0)
		close(c.messages);
	*status = c.status;
	return 0;
}

void feed_end_like(int status)
{
	struct rlimit no_core = { 0, 0 };
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;

	if (WIFSIGNALED(status)) {
		/* the child has left the core that counts */
		setrlimit(RLIMIT_CORE, &no_core);
		sigaction(WTERMSIG(status), &usual, NULL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		raise(WTERMSIG(status));
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void pump(struct span s, int to)
{
	while (s.len) {
		ssize_t n = write(to, s.at, s.len);

		if (n < 0 && errno != EINTR)
			_exit(0);	/* the real program has seen enough */
		s = span_from(s, n > 0 ? (size_t)n : 0);
	}
}

static void replay(const struct input *in, int to)
{
	char buffer[65536];
	ssize_t n;

	pump(input_span(in), to);
	do {
		n = read(in->fd, buffer, sizeof(buffer));
		pump((struct span){ buffer, n > 0 ? (size_t)n : 0 }, to);
	} while (n > 0 || (n < 0 && errno == EINTR));
	_exit(0);
}

int feed_replay(const struct input *in, struct err *e)
{
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "a pipe for the rules");
	pid = fork();
	/* forked twice, so that the writer is no child of the real program */
	if (pid == 0) {
		pid = fork();
		if (pid == 0) {
			close(ends[0]);
			/* nobody shall wait for us to let go of these */
			close(STDOUT_FILENO);
			close(STDERR_FILENO);
			replay(in, ends[1]);
		}
		_exit(pid < 0);
	}
	close(ends[1]);
	if (pid < 0 || (waitpid(pid, &status, 0) == pid && status != 0)) {
		close(ends[0]);
		return err_set(e, "a process for the rules could not be had");
	}
	if (dup2(ends[0], STDIN_FILENO) < 0)
		return err_sys(e, "the rules as standard input");
	close(ends[0]);
	return 0;
}
