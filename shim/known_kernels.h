/* known_kernels.h - versions that are known to have lost MARK for IPv6, for advice alone. */
#ifndef KNOWN_KERNELS_H
#define KNOWN_KERNELS_H

#include <stdbool.h>

enum known_age {
	KNOWN_NOTHING,		/* of that series and distribution */
	KNOWN_BEFORE,		/* older than the first that is bad */
	KNOWN_BAD,
	KNOWN_AFTER,		/* newer than the last that was seen to be bad */
	KNOWN_FIXED,
};

/*
 * One series.  The number that counts is the third of the release, as in 6.6.57; with
 * `by_build` it is the one behind the dash, as in 6.8.0-57-generic.
 */
struct known_kernel {
	const char *distribution;	/* a word of os-release; NULL: any */
	const char *flavour;		/* how the release ends; NULL: any */
	unsigned int major, minor;
	bool by_build;
	unsigned int first_bad, last_bad, first_good;	/* first_good 0: not known */
	const char *fixed;		/* what to install; NULL: not known */
};

/*
 * Looks the release up, as uname(2) has it.  `is` tells whether this is that
 * distribution.  *row gets what was found, NULL for nothing.
 */
enum known_age known_kernels_find(const struct known_kernel **row, const char *release,
				  bool (*is)(const char *distribution));

#endif
