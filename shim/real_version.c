#include "real_version.h"

#include <stdio.h>
#include <string.h>

#include "capture.h"

#define PATIENCE_MS 2000

enum backend real_version_parse(const char *printed)
{
	const char *version = strstr(printed, "tables");

	if (!version || !strstr(version, " v1."))
		return BACKEND_UNKNOWN;
	if (strstr(version, "(nf_tables)"))
		return BACKEND_NFT;
	return strstr(version, "(legacy)") || !strchr(version, '(') ? BACKEND_LEGACY
		: BACKEND_UNKNOWN;
}

static int ask(const char *path, const char *name, struct text *printed)
{
	const char *const argv[] = { name, "--version", NULL };
	const struct capture_job job = {
		.path = path, .argv = argv, .input = -1, .patience_ms = PATIENCE_MS,
	};
	struct err e;
	int status;

	return capture(&job, printed, 256, &status, &e) < 0 || !printed->at ? -1 : 0;
}

enum backend real_version_backend(const char *path, const char *name)
{
	OWN_TEXT struct text printed = { 0 };

	return ask(path, name, &printed) < 0 ? BACKEND_UNKNOWN : real_version_parse(printed.at);
}

int real_version_number(const char *path, const char *name)
{
	OWN_TEXT struct text printed = { 0 };
	const char *version = ask(path, name, &printed) < 0 ? NULL : strstr(printed.at, " v");
	int a, b, c;

	return version && sscanf(version, " v%4d.%4d.%4d", &a, &b, &c) == 3 ? REAL_VERSION(a, b, c)
		: 0;
}
