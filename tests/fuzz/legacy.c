/*
 * A table as the legacy interface gives it: the walk stays inside, whatever the offsets say, and
 * sees names that end.  Input: the family, then the entries.
 */
#include "fuzz.h"
#include "look_legacy.h"

struct seen {
	struct span entries;
	size_t n;
};

static bool see(void *state, const char *chain, bool has_rules)
{
	struct seen *s = state;
	size_t left = (size_t)(s->entries.at + s->entries.len - chain);

	(void)has_rules;
	fuzz_must(chain > s->entries.at && left < s->entries.len, "a name inside of the table");
	fuzz_must(memchr(chain, '\0', left), "a name that ends");
	return ++s->n == 100;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = { (const char *)data, size };
	enum family family = fuzz_byte(&input) % FAMILY_COUNT;
	struct seen s = { .entries = input };

	look_legacy_walk(family, input.at, input.len, see, &s);
	return 0;
}
