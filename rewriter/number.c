#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

static int base_of(const char *digits)
{
	if (digits[0] != '0')
		return 10;
	return digits[1] == 'x' || digits[1] == 'X' ? 16 : 8;
}

int number_parse(uint32_t *n, const char *s, const char **end)
{
	char *stop;
	uintmax_t v;

	while (isspace((unsigned char)*s))
		s++;
	if (*s == '-')
		return -1;
	errno = 0;
	v = strtoumax(s, &stop, base_of(s + (*s == '+')));
	if (stop == s || errno == ERANGE || v > UINT32_MAX)
		return -1;
	*n = (uint32_t)v;
	*end = stop;
	return 0;
}
