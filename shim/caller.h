/* caller.h - who ran us, for the log. */
#ifndef CALLER_H
#define CALLER_H

#include <sys/types.h>

#define CALLER_NAME_MAX 17	/* TASK_COMM_LEN and a little */

struct caller {
	pid_t pid;			/* our parent */
	char name[CALLER_NAME_MAX];	/* "" where /proc does not say */
	char parent[CALLER_NAME_MAX];	/* its parent's name */
};

struct caller caller_find(void);

#endif
