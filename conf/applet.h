/* applet.h - the names under which markshim stands in for iptables. */
#ifndef APPLET_H
#define APPLET_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"

enum applet_kind { APPLET_COMMAND, APPLET_RESTORE, APPLET_SAVE, APPLET_KINDS };

/* (ip|ip6)tables[-nft|-legacy|-markshim][-restore|-save], taken apart. */
struct applet {
	enum family family;
	enum backend backend;		/* that the name asks for; BACKEND_UNKNOWN: it leaves it open */
	enum applet_kind kind;
};

/* One applet for each name there is, -markshim being no name of its own. */
#define APPLET_COUNT (FAMILY_COUNT * 3 * APPLET_KINDS)
#define APPLET_NAME_MAX 32

/* Reads a program's name; a directory in front of it does not matter. */
bool applet_find(struct applet *a, const char *name);

/* Likewise; is it a name that nothing but markshim itself has? */
bool applet_is_own(const char *name);

/* The name without -markshim: what the real program goes by. */
void applet_name(char name[static APPLET_NAME_MAX], struct applet a);

/* A number from 0 to APPLET_COUNT - 1, and back. */
size_t applet_index(struct applet a);
struct applet applet_at(size_t index);

#endif
