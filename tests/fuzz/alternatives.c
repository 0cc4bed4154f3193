/*
 * The group file of the alternatives: each choice comes once, best first, and all that is
 * found in it are lines of the file.  Input: a byte that is left out, then the file.
 */
#include "alternatives.h"
#include "fuzz.h"

static void must_be_a_line(const struct alternatives *a, struct span s)
{
	const char *end = a->text + strlen(a->text);

	if (!s.len)
		return;
	fuzz_must(s.at >= a->text && s.at + s.len <= end, "within the file");
	fuzz_must((s.at == a->text || s.at[-1] == '\n') && (s.at[s.len] == '\n' || !s.at[s.len]),
		  "a whole line");
}

static void look_at(const struct alternatives *a, const struct alternatives_choice *c)
{
	must_be_a_line(a, c->path);
	for (size_t i = 0; i < a->n_followers; i++)
		must_be_a_line(a, c->followers[i]);
	must_be_a_line(a, alternatives_program(a, c, "ip6tables-save"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct alternatives a;
	const struct alternatives_choice *last = NULL, *c;
	size_t seen = 0;

	if (size == 0 || size > sizeof(a.text))
		return 0;
	memset(&a, 'x', sizeof(a));
	memcpy(a.text, data + 1, size - 1);
	a.text[size - 1] = '\0';
	a.group = "ip6tables";
	if (alternatives_parse(&a) < 0)
		return 0;
	for (; (c = alternatives_next(&a, last)); last = c) {
		fuzz_must(!last || c->priority < last->priority ||
			  (c->priority == last->priority && c > last), "best first");
		look_at(&a, c);
		seen++;
	}
	fuzz_must(seen == a.n_choices, "each once");
	return 0;
}
