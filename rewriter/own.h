/* own.h - variables that give back what they hold when their scope ends. */
#ifndef OWN_H
#define OWN_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void own_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void own_free(void *var)
{
	void *mem;

	memcpy(&mem, var, sizeof(mem));
	free(mem);
}

/* Start these at -1 and NULL; hand the thing on by setting them back to that. */
#define OWN_FD	__attribute__((cleanup(own_close)))
#define OWN_MEM	__attribute__((cleanup(own_free)))

#endif
