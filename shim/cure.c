#include "cure.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "own.h"

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

static void read_os_release(char *text, size_t size)
{
	OWN_FD int fd = open("/etc/os-release", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
}

/* The line that starts with `key` has `word` in it. */
static int has_word(const char *text, const char *key, const char *word)
{
	for (; text; text = strchr(text, '\n')) {
		size_t len;
		const char *at;

		text += *text == '\n';
		len = strcspn(text, "\n");
		at = memmem(text, len, word, strlen(word));
		if (!strncmp(text, key, strlen(key)) && at)
			return 1;
	}
	return 0;
}

void cure_name(char text[static CURE_MAX])
{
	struct utsname u = { .release = "" };
	char os[4096];

	uname(&u);
	read_os_release(os, sizeof(os));
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		if (!has_word(os, "ID=", packages[i].distribution) &&
		    !has_word(os, "ID_LIKE=", packages[i].distribution))
			continue;
		snprintf(text, CURE_MAX, "the module xt_mark is missing: install the package %s%s",
			 packages[i].package, u.release);
		return;
	}
	snprintf(text, CURE_MAX, "the module xt_mark is missing: install the package that has it for "
		 "kernel %s", u.release);
}
