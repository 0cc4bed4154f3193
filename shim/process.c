#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const int ignored[] = { SIGPIPE, SIGXFSZ };
#define N_IGNORED (sizeof(ignored) / sizeof(ignored[0]))

static struct sigaction as_they_came[N_IGNORED];

void process_begin(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	/*
	 * open() takes the lowest free number, so they are filled in order.  Without a
	 * /dev/null, by what can neither be read nor written, as if it were closed.
	 */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0 &&
		    open("/", O_PATH) < 0)
			break;
	for (size_t i = 0; i < N_IGNORED; i++)
		sigaction(ignored[i], &ignore, &as_they_came[i]);
}

void process_give_back(void)
{
	for (size_t i = 0; i < N_IGNORED; i++)
		sigaction(ignored[i], &as_they_came[i], NULL);
}

bool process_dies_of(int signal)
{
	for (size_t i = 0; i < N_IGNORED; i++)
		if (ignored[i] == signal)
			return as_they_came[i].sa_handler == SIG_DFL;
	return false;
}

/*
 * The environment, arguments and descriptors belong to the caller, so the mark is the
 * timer slack, which execve() and fork() keep (prctl(2)).  A process' usual slack is
 * 50,000 ns; ours is an odd number near it and counts the levels.
 */
#define MARK_NS 50417
#define MARK_LEVELS 4

/* Real-time tasks have no slack on new kernels; for them alone a variable has to do. */
#define LEVEL "MARKSHIM_LEVEL"

static bool enter_counted(void)
{
	const char *came = getenv(LEVEL);
	char level[2] = "1";

	if (came && *came >= '1' && *came < '0' + MARK_LEVELS && !came[1])
		*level = (char)(*came + 1);
	else if (came)
		return false;
	return setenv(LEVEL, level, 1) == 0;
}

bool process_enter(void)
{
	long slack = prctl(PR_GET_TIMERSLACK);

	if (slack <= 0)
		return enter_counted();
	if (slack < MARK_NS || slack >= MARK_NS + MARK_LEVELS)
		slack = MARK_NS - 1;
	if (slack == MARK_NS + MARK_LEVELS - 1)
		return false;
	prctl(PR_SET_TIMERSLACK, slack + 1);
	return true;
}

pid_t process_start(int (*child)(void *), void *with)
{
	static _Alignas(16) char stack[128 * 1024];

	return clone(child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, with);
}

uint64_t process_now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

bool process_is_self(const struct stat *st)
{
	const char *started = (const char *)getauxval(AT_EXECFN);
	struct stat self;

	/* without /proc, the path that execve() was given */
	if (stat("/proc/self/exe", &self) < 0 && (!started || stat(started, &self) < 0))
		return false;
	return st->st_dev == self.st_dev && st->st_ino == self.st_ino;
}

pid_t process_wait(pid_t pid, int *status, int options)
{
	pid_t got;

	do {
		got = waitpid(pid, status, options);
	} while (got < 0 && errno == EINTR);
	return got;
}

bool process_may(unsigned int capability)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &head, data) == 0 &&
		data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}
