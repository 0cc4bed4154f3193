/* extension.h - which options the matches and targets of iptables have, and how many words each. */
#ifndef EXTENSION_H
#define EXTENSION_H

#include <stddef.h>

/*
 * One match or target of iptables or ip6tables 1.8.2 to 1.8.11, all families and revisions
 * together.  A target's name begins with an upper-case letter, a match's with a lower-case one, so
 * `-j tcp` (a chain) and `-m MARK` (an error) are told from `-m tcp` and `-j MARK` by that letter.
 *
 * options	the long options without dashes, separated by one blank, none twice; may be empty.
 *		What stands at the end of one tells the words that follow it:
 *
 *	name	none
 *	name=	one, whatever it is, or --name=VALUE
 *	name==	the same and one more; iptables refuses the rule if this one is missing or begins
 *		with - or !
 *	name~	one if there is a next word and it begins with neither - nor !, else none; never
 *		--name=VALUE, as getopt_long knows nothing of that word
 *	name?	a value that only --name=VALUE gives.  No extension has one today
 */
struct extension {
	const char *name;
	const char *options;
};

/* Every row, sorted by name as strcmp() does; the last has no name. */
extern const struct extension extensions[];

/*
 * The extension of that name as -m and -j take it: case matters, aliases (icmpv6, ipv6-icmp) give
 * the row of what they stand for.
 *
 * name		borrowed, `len` bytes, not terminated
 *
 * Returns a row that lives for ever, the same one each time, or NULL if not known.
 */
const struct extension *extension_find(const char *name, size_t len);

/*
 * The extension that iptables loads by itself when a rule has `-p name` and an option that it does
 * not know yet: by name in any case, or by number in decimal, 0x hex or 0 octal.
 *
 * name		borrowed, `len` bytes, not terminated
 *
 * Returns a row as above, or NULL if that protocol brings none.
 */
const struct extension *extension_for_protocol(const char *name, size_t len);

#endif
