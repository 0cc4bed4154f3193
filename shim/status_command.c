/* status: what is in force, in words, as JSON, or for node_exporter. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "status.h"

static const struct {
	const char *option;
	void (*say)(struct text *to, const struct status *s);
} ways[] = {
	{ NULL, status_say_text },
	{ "--json", status_say_json },
	{ "--prometheus", status_say_prometheus },
};

int command_status(int argc, char *argv[])
{
	const char *option = argc > 1 ? argv[1] : NULL;
	OWN_TEXT struct text said = { 0 };
	static struct status s;

	for (size_t i = 0; argc < 3 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (option != ways[i].option &&
		    (!option || !ways[i].option || strcmp(option, ways[i].option) != 0))
			continue;
		status_gather(&s);
		ways[i].say(&said, &s);
		if (said.failed)
			return command_fail(argv[0], "no memory for what is to be said");
		fputs(said.at, stdout);
		return s.verdict == STATUS_ATTENTION ? COMMAND_DIFFERS : COMMAND_SAME;
	}
	return command_fail(argv[0], "`%s': see markshim --help", argv[argc - 1]);
}
