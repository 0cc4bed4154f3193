/* Each file is one line: boot, time, applet, caller, line, and the reason to its end. */
#include "failed.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "own.h"
#include "state.h"
#include "store.h"

#define PREFIX "failed-"
#define FILE_NAME_MAX (sizeof(PREFIX) + APPLET_NAME_MAX + CALLER_NAME_MAX)

/* A process may call itself anything, with blanks and slashes. */
static void safe_caller(char safe[static CALLER_NAME_MAX], const struct shim *s)
{
	snprintf(safe, CALLER_NAME_MAX, "%s", *s->log.caller.name ? s->log.caller.name : "-");
	for (char *c = safe; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_+.", *c))
			*c = '_';
}

static void file_name(char file[static FILE_NAME_MAX], const struct shim *s)
{
	char caller[CALLER_NAME_MAX];

	safe_caller(caller, s);
	snprintf(file, FILE_NAME_MAX, PREFIX "%s-%s", s->name, caller);
}

void failed_why(char why[static FAILED_WHY_MAX], const struct rewrite_change *c, enum family f)
{
	const char *help = rewrite_help(c->reason);
	char reason[REWRITE_WHY_MAX];

	rewrite_why(reason, c, f);
	snprintf(why, FAILED_WHY_MAX, "%s%s%s", reason, *help ? "; " : "", help);
}

void failed_note(const struct shim *s, size_t line, const char *why)
{
	char file[FILE_NAME_MAX], text[STATE_TEXT_MAX], boot[STATE_BOOT_MAX], caller[CALLER_NAME_MAX];

	file_name(file, s);
	safe_caller(caller, s);
	state_boot(boot);
	snprintf(text, sizeof(text), "%s %" PRId64 " %s %s %zu %.*s\n", *boot ? boot : "-",
		 (int64_t)time(NULL), s->name, caller, line, FAILED_WHY_MAX - 1, why);
	state_write(file, text);
}

void failed_forget(const struct shim *s)
{
	OWN_FD int dir = store_open(STATE_DIR, false);
	char file[FILE_NAME_MAX];

	file_name(file, s);
	if (dir >= 0)
		unlinkat(dir, file, 0);
}

static bool parse(struct failed *f, const char *text)
{
	char boot[STATE_BOOT_MAX], now[STATE_BOOT_MAX];
	int end = 0;

	_Static_assert(STATE_BOOT_MAX == 40 && APPLET_NAME_MAX == 32 && CALLER_NAME_MAX == 17,
		       "the widths in the format");
	if (sscanf(text, "%39s %" SCNd64 " %31s %16s %zu %n", boot, &f->at, f->name, f->caller,
		   &f->line, &end) != 5 || !end)
		return false;
	snprintf(f->why, sizeof(f->why), "%.*s", (int)strcspn(text + end, "\n"), text + end);
	state_boot(now);
	return !strcmp(boot, *now ? now : "-");
}

bool failed_last(struct failed *last, size_t *n)
{
	int fd = store_open(STATE_DIR, false);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char text[STATE_TEXT_MAX];
	struct dirent *entry;
	struct failed f;

	*n = 0;
	*last = (struct failed){ 0 };
	if (!dir && fd >= 0)
		close(fd);
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, PREFIX, strlen(PREFIX)) &&
		    state_read(entry->d_name, text) == 0 && parse(&f, text)) {
			++*n;
			if (f.at >= last->at)
				*last = f;
		}
	if (dir)
		closedir(dir);
	return *n > 0;
}
