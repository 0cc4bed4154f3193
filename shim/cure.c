#include "cure.h"

#include <stdio.h>
#include <sys/utsname.h>

#include "os_release.h"

/* By a word in ID= or ID_LIKE= of os-release(5). */
static const struct {
	const char *distribution, *package;	/* what stands before the kernel's release */
} packages[] = {
	{ "rhel", "kernel-modules-extra-" },
	{ "fedora", "kernel-modules-extra-" },
	{ "centos", "kernel-modules-extra-" },
	{ "ubuntu", "linux-modules-extra-" },
	{ "debian", "linux-image-" },
};

void cure_name(char text[static CURE_MAX])
{
	struct utsname u = { .release = "" };

	uname(&u);
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		if (!os_release_is(packages[i].distribution))
			continue;
		snprintf(text, CURE_MAX, "the module xt_mark is missing: install the package %s%s",
			 packages[i].package, u.release);
		return;
	}
	snprintf(text, CURE_MAX, "the module xt_mark is missing: install the package that has it for "
		 "kernel %s", u.release);
}
