/* os_release.h - which distribution this is. */
#ifndef OS_RELEASE_H
#define OS_RELEASE_H

#include <stdbool.h>

/* Is that word in ID= or ID_LIKE= of /etc/os-release? */
bool os_release_is(const char *word);

#endif
