/* path_order.h - which program a name leads to in somebody's PATH. */
#ifndef PATH_ORDER_H
#define PATH_ORDER_H

#include <limits.h>
#include <stdbool.h>

/* What systemd and most others have where nobody set a PATH. */
#define PATH_ORDER_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum path_order {
	PATH_ORDER_NONE,	/* no such program there */
	PATH_ORDER_OTHER,
	PATH_ORDER_MARKSHIM,	/* this program, or a file of its name, as in a container */
};

/*
 * Looks for `name` in the directories of `path`, below the directory `root` (a
 * descriptor; links stay within, so that a container's lead where they lead there).
 * *found gets the path in that root of the first that there is; "" for none.
 */
enum path_order path_order_find(int root, const char *path, const char *name,
				char found[static PATH_MAX]);

#endif
