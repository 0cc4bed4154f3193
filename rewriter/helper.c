#include "helper.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void helper_name(char name[static HELPER_NAME_MAX], struct mark_op op)
{
	snprintf(name, HELPER_NAME_MAX, HELPER_PREFIX "%" PRIx32 "-%" PRIx32, op.value, op.mask);
}

bool helper_parse(struct mark_op *op, const char *name, size_t len)
{
	char text[HELPER_NAME_MAX], again[HELPER_NAME_MAX];
	struct mark_op got;

	if (len >= sizeof(text) || len < strlen(HELPER_PREFIX) ||
	    memcmp(name, HELPER_PREFIX, strlen(HELPER_PREFIX)) != 0)
		return false;
	memcpy(text, name, len);
	text[len] = '\0';
	if (sscanf(text, HELPER_PREFIX "%8" SCNx32 "-%8" SCNx32, &got.value, &got.mask) != 2)
		return false;
	/* only the one spelling that helper_name() has, and no NUL with more behind it */
	helper_name(again, got);
	if (strlen(again) != len || memcmp(text, again, len) != 0)
		return false;
	*op = got;
	return true;
}
