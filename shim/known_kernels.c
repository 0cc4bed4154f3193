#include "known_kernels.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A distribution's own rows first.  What nobody has seen confirmed is not here. */
static const struct known_kernel rows[] = {
	{ "ubuntu", "-generic", 6, 8, true, 56, 57, 58, "linux-image 6.8.0-58.60 or later" },
	{ "ubuntu", "-aws", 6, 8, true, 1025, 1026, 0, NULL },
	{ "ubuntu", "-azure", 6, 8, true, 1025, 1025, 0, NULL },
	{ "ubuntu", "-generic", 5, 15, true, 127, 128, 0, NULL },
	{ "centos", NULL, 5, 14, true, 529, 529, 0, NULL },
	{ "bottlerocket", NULL, 5, 15, false, 168, 169, 170, "Bottlerocket 1.27.1 or later" },
	{ "fedora", NULL, 6, 11, false, 4, 5, 6, "kernel 6.11.6-300 or later" },
	{ "arch", "-lts", 6, 6, false, 57, 58, 59, "linux-lts 6.6.59-1 or later" },
	{ "arch", NULL, 6, 11, false, 4, 5, 6, "linux 6.11.6.arch1-1 or later" },
	{ NULL, NULL, 6, 11, false, 4, 5, 6, "6.11.6 or later" },
	{ NULL, NULL, 6, 6, false, 57, 58, 59, "6.6.59 or later" },
	{ NULL, NULL, 6, 1, false, 113, 114, 115, "6.1.115 or later" },
	{ NULL, NULL, 5, 15, false, 168, 169, 170, "5.15.170 or later" },
};

static bool ends(const char *release, const char *flavour)
{
	size_t len = strlen(release), end = strlen(flavour);

	return len >= end && !strcmp(release + len - end, flavour);
}

static enum known_age age(const struct known_kernel *k, unsigned int n)
{
	if (n < k->first_bad)
		return KNOWN_BEFORE;
	if (n <= k->last_bad)
		return KNOWN_BAD;
	return k->first_good && n >= k->first_good ? KNOWN_FIXED : KNOWN_AFTER;
}

enum known_age known_kernels_find(const struct known_kernel **row, const char *release,
				  bool (*is)(const char *distribution))
{
	unsigned int major, minor, third, build = 0;

	*row = NULL;
	if (sscanf(release, "%4u.%4u.%9u-%9u", &major, &minor, &third, &build) < 3)
		return KNOWN_NOTHING;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct known_kernel *k = &rows[i];

		/* a third number of 0 is a vendor's, who counts by builds */
		if (k->major != major || k->minor != minor || k->by_build != (third == 0) ||
		    (k->distribution && !is(k->distribution)) ||
		    (k->flavour && !ends(release, k->flavour)))
			continue;
		*row = k;
		return age(k, k->by_build ? build : third);
	}
	return KNOWN_NOTHING;
}
