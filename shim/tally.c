#include "tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "own.h"

#define FILE_NAME "counters"

static const char *const names[TALLY_KEYS] = {
	[TALLY_RUNS] = "runs",
	[TALLY_CHANGED] = "changed",
	[TALLY_STUCK] = "stuck",
	[TALLY_DROPPED] = "dropped",
	[TALLY_FAILURES] = "failures",
};

const char *tally_name(enum tally_key k)
{
	return names[k];
}

void tally_say(char text[static STATE_TEXT_MAX], const struct tally *t, const char *boot)
{
	int used = snprintf(text, STATE_TEXT_MAX, "boot %s\nsince %" PRId64 "\n", boot, t->since);

	for (int k = 0; k < TALLY_KEYS; k++)
		used += snprintf(text + used, STATE_TEXT_MAX - (size_t)used, "%s %" PRIu64 "\n",
				 names[k], t->n[k]);
}

bool tally_parse(struct tally *t, const char *text, const char *boot)
{
	struct tally got = { 0 };
	char again[STATE_TEXT_MAX];
	const char *at = text;

	*t = got;
	for (int k = -1; k < TALLY_KEYS; k++) {
		at = strchr(at, '\n');
		if (!at)
			return false;
		at++;
		if (k < 0 ? sscanf(at, "since %" SCNd64, &got.since) != 1
			  : sscanf(at, "%*s %" SCNu64, &got.n[k]) != 1)
			return false;
	}
	/* the boot, the names and their order are right if it says the same again */
	tally_say(again, &got, boot);
	if (strcmp(text, again) != 0)
		return false;
	*t = got;
	return true;
}

static bool read_of(struct tally *t, const char *boot)
{
	char text[STATE_TEXT_MAX] = "";

	state_read(FILE_NAME, text);
	return tally_parse(t, text, boot);
}

bool tally_read(struct tally *t)
{
	char boot[STATE_BOOT_MAX];

	state_boot(boot);
	return read_of(t, boot);
}

void tally_add(const uint64_t n[static TALLY_KEYS])
{
	char text[STATE_TEXT_MAX], boot[STATE_BOOT_MAX];
	OWN_FD int lock = -1;
	struct tally t;
	uint64_t all = 0;

	for (int k = 0; k < TALLY_KEYS; k++)
		all |= n[k];
	if (!all)
		return;
	lock = state_lock(FILE_NAME ".lock", LOCK_EX, 1);
	if (lock < 0)
		return;
	state_boot(boot);
	if (!read_of(&t, boot))
		t.since = time(NULL);
	for (int k = 0; k < TALLY_KEYS; k++)
		t.n[k] += n[k];
	tally_say(text, &t, boot);
	state_write(FILE_NAME, text);
}

void tally_failure(void)
{
	const uint64_t n[TALLY_KEYS] = { [TALLY_FAILURES] = 1 };

	tally_add(n);
}
