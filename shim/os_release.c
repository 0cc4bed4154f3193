#include "os_release.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "own.h"

static void read_it(char *text, size_t size)
{
	OWN_FD int fd = open("/etc/os-release", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
}

/* The line that starts with `key` has `word` in it. */
static bool has_word(const char *text, const char *key, const char *word)
{
	for (; text; text = strchr(text, '\n')) {
		size_t len;
		const char *at;

		text += *text == '\n';
		len = strcspn(text, "\n");
		at = memmem(text, len, word, strlen(word));
		if (!strncmp(text, key, strlen(key)) && at)
			return true;
	}
	return false;
}

bool os_release_is(const char *word)
{
	char text[4096];

	read_it(text, sizeof(text));
	return has_word(text, "ID=", word) || has_word(text, "ID_LIKE=", word);
}
