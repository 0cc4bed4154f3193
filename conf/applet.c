#include "applet.h"

#include <stdio.h>
#include <string.h>

static const char *const families[FAMILY_COUNT] = {
	[FAMILY_IPV4] = "iptables", [FAMILY_IPV6] = "ip6tables"
};
static const char *const backends[] = {
	[BACKEND_UNKNOWN] = "", [BACKEND_LEGACY] = "-legacy", [BACKEND_NFT] = "-nft"
};
static const char *const kinds[APPLET_KINDS] = {
	[APPLET_COMMAND] = "", [APPLET_RESTORE] = "-restore", [APPLET_SAVE] = "-save"
};

size_t applet_index(struct applet a)
{
	return ((size_t)a.family * 3 + a.backend) * APPLET_KINDS + a.kind;
}

struct applet applet_at(size_t index)
{
	return (struct applet){
		.family = index / APPLET_KINDS / 3,
		.backend = index / APPLET_KINDS % 3,
		.kind = index % APPLET_KINDS,
	};
}

void applet_name(char name[static APPLET_NAME_MAX], struct applet a)
{
	snprintf(name, APPLET_NAME_MAX, "%s%s%s", families[a.family], backends[a.backend],
		 kinds[a.kind]);
}

static const char *without_directory(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

bool applet_is_own(const char *name)
{
	struct applet a;

	name = without_directory(name);
	return !strcmp(name, "markshim") || !strcmp(name, "markshim-static") ||
		(strstr(name, "tables-markshim") && applet_find(&a, name));
}

bool applet_find(struct applet *a, const char *name)
{
	const char *ours;
	char plain[APPLET_NAME_MAX], have[APPLET_NAME_MAX];

	name = without_directory(name);
	ours = strstr(name, "tables-markshim");
	if (ours)
		snprintf(plain, sizeof(plain), "%.*stables%s", (int)(ours - name), name,
			 ours + strlen("tables-markshim"));
	else
		snprintf(plain, sizeof(plain), "%s", name);
	for (size_t i = 0; i < APPLET_COUNT; i++) {
		applet_name(have, applet_at(i));
		if (!strcmp(have, plain)) {
			*a = applet_at(i);
			return true;
		}
	}
	return false;
}
