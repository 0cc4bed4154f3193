#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "own.h"
#include "process.h"

/* Standard output and standard error. */
#define STREAMS_MAX 2

/* As the caller set them. */
struct came {
	sigset_t mask;
	struct sigaction child;		/* what SIGCHLD does */
};

struct child {
	struct came came;
	pid_t pid;
	int signals;			/* signalfd */
	struct stream streams[STREAMS_MAX];
	size_t n_streams;
	int status;
	bool ended;
	bool hurried;			/* a signal came that ends what is not ready for it */
};

static void reap(struct child *c)
{
	int status;

	while (process_wait(c->pid, &status, WNOHANG | WUNTRACED) == c->pid) {
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
static bool can_say(const struct stream *s)
{
	struct pollfd p = { .fd = s->filter->fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 1;
}

static void wait_in_turn(struct child *c)
{
	for (size_t i = 0; i < c->n_streams; i++) {
		struct stream *s = &c->streams[i];

		if (s->from >= 0)
			fcntl(s->from, F_SETFL, 0);
		while (stream_has_more_to_say(s) || (s->from >= 0 && stream_read(s)))
			if (stream_has_more_to_say(s))
				stream_say(s);
	}
	if (!c->ended)
		process_wait(c->pid, &c->status, 0);
	c->ended = true;
}

/* What comes first of a signal, something said, and the caller's readiness to read it. */
static void attend_once(struct child *c)
{
	struct pollfd p[1 + STREAMS_MAX] = { { .fd = c->signals, .events = POLLIN } };

	for (size_t i = 0; i < c->n_streams; i++) {
		const struct stream *s = &c->streams[i];
		bool says = stream_has_more_to_say(s);

		/* nothing is read while there is more to say */
		p[1 + i] = (struct pollfd){
			.fd = says ? s->filter->fd : c->ended ? -1 : s->from,
			.events = says ? POLLOUT : POLLIN,
		};
	}
	if (poll(p, 1 + c->n_streams, -1) < 0) {
		/* a limit of descriptors below that number; they are waited for in turn */
		if (errno != EINTR)
			wait_in_turn(c);
		return;
	}
	for (size_t i = 0; i < c->n_streams; i++) {
		if (p[1 + i].revents && p[1 + i].events == POLLOUT)
			stream_say(&c->streams[i]);
		else if (p[1 + i].revents)
			stream_read(&c->streams[i]);
	}
	if (p[0].revents)
		take_signal(c);
}

/* The child has ended; what it said before that is still to be had. */
static void hear_out(struct child *c, struct stream *s)
{
	/* a grandchild may hold the pipe open, so only what is there is read */
	while (s->from >= 0 && stream_read(s))
		;
	stream_finish(s);
	while (stream_has_more_to_say(s) && (!c->hurried || can_say(s)))
		attend_once(c);
}

static void attend(struct child *c)
{
	while (!c->ended)
		attend_once(c);
	for (size_t i = 0; i < c->n_streams; i++)
		hear_out(c, &c->streams[i]);
}

/* The child's side: its ends of the pipes become the descriptors that they stand for. */
static bool connect_streams(const struct child *c, const int ends[])
{
	for (size_t i = 0; i < c->n_streams; i++)
		if (dup2(ends[i], c->streams[i].filter->fd) < 0)
			return false;
	return true;
}

static void restore_signals(const struct came *came)
{
	sigaction(SIGCHLD, &came->child, NULL);
	sigprocmask(SIG_SETMASK, &came->mask, NULL);
}

static void complain(const struct feed_job *job, const char *text)
{
	const char *slash = strrchr(job->argv[0], '/');

	dprintf(STDERR_FILENO, "markshim: %s: %s\n", slash ? slash + 1 : job->argv[0], text);
}

static __attribute__((noreturn)) void say_and_exit(const struct feed_job *job, const struct err *e, int status)
{
	complain(job, e->text);
	_exit(status);
}

/* What the child needs of its parent. */
struct beginning {
	const struct child *c;
	const struct feed_job *job;
	int ends[STREAMS_MAX];		/* the child's, of the pipes */
	pid_t parent;
};

static int become_real(void *beginning)
{
	const struct beginning *b = beginning;
	const struct feed_job *job = b->job;
	struct err e;
	int failed;

	/* a caller that kills us means the real program; 0 is a parent in another namespace */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != b->parent && getppid() != 0)
		_exit(REAL_CANNOT_RUN);
	if ((job->rules >= 0 && dup2(job->rules, STDIN_FILENO) < 0) ||
	    !connect_streams(b->c, b->ends)) {
		err_sys(&e, "the real program's standard input and outputs");
		say_and_exit(job, &e, REAL_CANNOT_RUN);
	}
	restore_signals(&b->c->came);
	failed = real_exec(job->real, job->argv, &e);
	say_and_exit(job, &e, failed);
}

static int open_streams(struct child *c, const struct feed_job *job, int ends[], struct err *e)
{
	for (size_t i = 0; i < job->n_filters; i++) {
		int pair[2];

		if (pipe2(pair, O_CLOEXEC) < 0)
			return err_sys(e, "a pipe");
		fcntl(pair[0], F_SETFL, O_NONBLOCK);
		c->streams[i] = (struct stream){ .filter = &job->filters[i], .from = pair[0] };
		c->n_streams = i + 1;
		ends[i] = pair[1];
	}
	return 0;
}

static void close_streams(struct child *c)
{
	for (size_t i = 0; i < c->n_streams; i++)
		stream_release(&c->streams[i]);
	c->n_streams = 0;
}

/* Starts it with all signals blocked, to be read from c->signals. */
static int start(struct child *c, const struct feed_job *job, struct err *e)
{
	struct beginning b = { .c = c, .job = job, .ends = { -1, -1 }, .parent = getpid() };
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t all;
	int opened = open_streams(c, job, b.ends, e);

	sigaction(SIGCHLD, &usual, &c->came.child);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &c->came.mask);
	c->signals = opened < 0 ? -1 : signalfd(-1, &all, SFD_CLOEXEC);
	c->pid = c->signals < 0 ? -1 : process_start(become_real, &b);
	if (c->pid < 0 && opened == 0)
		err_sys(e, "a process for the real program");
	for (size_t i = 0; i < STREAMS_MAX; i++)
		own_close(&b.ends[i]);
	if (c->pid > 0)
		return 0;
	restore_signals(&c->came);
	own_close(&c->signals);
	close_streams(c);
	return -1;
}

/* It has ended well, but what it said was lost on the way; it would not have ended so by itself. */
static int status_of(const struct child *c)
{
	for (size_t i = 0; i < c->n_streams; i++) {
		const struct stream *s = &c->streams[i];

		/* without a message the rules are loaded, or not; without output a reader errs */
		if (s->queue.failed && s->filter->fd == STDOUT_FILENO)
			return W_EXITCODE(EXIT_FAILURE, 0);
		if (c->status == 0 && s->lost && process_dies_of(s->lost))
			return W_EXITCODE(0, s->lost);
	}
	return c->status;
}

static void tell_losses(const struct child *c, const struct feed_job *job)
{
	for (size_t i = 0; i < c->n_streams; i++)
		if (c->streams[i].queue.failed)
			complain(job, "some of what the real program said is lost");
}

int feed_real(const struct feed_job *job, int *status, struct err *e)
{
	struct child c = { .signals = -1 };

	if (start(&c, job, e) < 0)
		return -1;
	attend(&c);
	close(c.signals);
	*status = status_of(&c);
	tell_losses(&c, job);
	close_streams(&c);
	if (job->then)
		job->then(job->state, *status);
	restore_signals(&c.came);
	return 0;
}

void feed_end_like(int status)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;

	if (WIFSIGNALED(status)) {
		/* the child has left the core that counts; to a program it would go whatever the limit */
		prctl(PR_SET_DUMPABLE, 0);
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
	if (pid < 0 || (process_wait(pid, &status, 0) == pid && status != 0)) {
		close(ends[0]);
		return err_set(e, "a process for the rules could not be had");
	}
	if (dup2(ends[0], STDIN_FILENO) < 0)
		return err_sys(e, "the rules as standard input");
	close(ends[0]);
	return 0;
}
