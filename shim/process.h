/* process.h - what a drop-in owes to the process it runs in. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>

/*
 * To be called first.  Opens /dev/null for those of the descriptors 0 to 2 that
 * are closed, so that nothing of ours lands there (ip6tables-nft-restore hangs on
 * a closed standard input: its netlink socket becomes descriptor 0), and ignores
 * the signals that a full or broken output sends us.
 */
void process_begin(void);

/* Gives the signals back as they came; before each exec of the real program. */
void process_give_back(void);

/* Whether that signal, one of those that are ignored here, would have ended us as we came. */
bool process_dies_of(int signal);

/*
 * Marks this process, through execve() and to its children, as one that has been
 * here once more.  Returns false if that was often enough: the real program leads
 * back to us.  It may well do so, a few times: it can be another copy of markshim,
 * or have somebody run who needs iptables.
 */
bool process_enter(void);

/* Is it the file that this process runs? */
bool process_is_self(const struct stat *st);

/* What waitpid() said of a process is not that it ended with status 0. */
static inline bool process_has_failed(int status)
{
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

/*
 * Starts a process that is to become another program.  It runs child(with) in this
 * one's memory, and this one waits for that, as with vfork(2): page tables need not be
 * copied.  So it may change nothing that is needed here, and ends by an exec or
 * _exit() alone.  Returns its number, or -1 with errno set.
 */
pid_t process_start(int (*child)(void *), void *with);

/* waitpid(), but that no signal ends it early. */
pid_t process_wait(pid_t pid, int *status, int options);

/* Is that capability in effect?  A number of capabilities(7). */
bool process_may(unsigned int capability);

/* Nanoseconds of the monotonic clock. */
uint64_t process_now(void);

#endif
