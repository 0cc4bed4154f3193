/*
 * The MARK options, against a second reading of their grammar: blanks, a plus, digits in
 * the base that their start tells, no minus, no more than 32 bits, a mask behind a slash for
 * --set-mark and --set-xmark alone.  Input: the number of an option, then its value.
 */
#include "fuzz.h"
#include "mark.h"

static const char *const names[] = {
	"set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark", "set", "",
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* The value of a digit, or 99. */
static unsigned int digit(char c)
{
	const char *digits = "00112233445566778899aAbBcCdDeEfF", *at = c ? strchr(digits, c) : NULL;

	return at ? (unsigned int)(at - digits) / 2 : 99;
}

/* Takes a number off *s.  False if it has no digit, or is too big. */
static bool take_number(const char **s, uint32_t *n)
{
	unsigned int base = 10, digits = 0;
	uint64_t value = 0;

	*s += strspn(*s, " \t\n\v\f\r");
	*s += **s == '+';
	if (**s == '0')
		base = 8;
	if (**s == '0' && ((*s)[1] == 'x' || (*s)[1] == 'X') && digit((*s)[2]) < 16) {
		base = 16;
		*s += 2;
	}
	for (; digit(**s) < base; (*s)++, digits++) {
		value = value * base + digit(**s);
		if (value > UINT32_MAX)
			return false;
	}
	*n = (uint32_t)value;
	return digits;
}

static bool expect(struct mark_op *op, size_t option, const char *s)
{
	uint32_t v, m = UINT32_MAX;

	if (option > 4 || !take_number(&s, &v))
		return false;
	if (*s == '/' && (option > 1 || (s++, !take_number(&s, &m))))
		return false;
	*op = (struct mark_op[]){ { v, m }, { v, v | m }, { 0, ~v }, { v, v }, { v, 0 } }[option];
	return !*s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = { (const char *)data, size };
	size_t option = fuzz_byte(&input) % N_NAMES;
	struct mark_op want, got = { 0x12345678, 0x9abcdef0 };
	struct text value = { 0 };
	bool good;

	text_span(&value, input);
	good = expect(&want, option, value.at);
	fuzz_must((mark_parse(&got, names[option], value.at) == 0) == good, "what is a value");
	if (!good)
		want = (struct mark_op){ 0x12345678, 0x9abcdef0 };
	fuzz_must(got.value == want.value && got.mask == want.mask, "the value");
	text_release(&value);
	return 0;
}
