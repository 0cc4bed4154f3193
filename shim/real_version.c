#include "real_version.h"

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

enum backend real_version_backend(const char *path, const char *name)
{
	const char *const argv[] = { name, "--version", NULL };
	const struct capture_job job = {
		.path = path, .argv = argv, .input = -1, .patience_ms = PATIENCE_MS,
	};
	OWN_TEXT struct text printed = { 0 };
	struct err e;
	int status;

	if (capture(&job, &printed, 256, &status, &e) < 0 || !printed.at)
		return BACKEND_UNKNOWN;
	return real_version_parse(printed.at);
}
