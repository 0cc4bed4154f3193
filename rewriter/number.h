/* number.h - numbers as libxtables reads them. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdint.h>

/*
 * Reads a number as xtables_strtoul() does: in decimal, 0x hex or 0 octal; blanks and a plus may
 * precede it, a minus may not.  The base does not depend on the C library: base 0 of strtoul()
 * takes 0b11 since glibc 2.38.  iptables up to 1.8.11 refuses that; 1.8.13 as built for Debian
 * testing takes it for 3, and there such a rule is left to it.
 *
 * s	only read, never kept
 * n	set on success, untouched on failure
 * end	set on success to what follows the number in `s`
 *
 * Returns 0, or -1 if there is no number or it has more than 32 bits.
 */
int number_parse(uint32_t *n, const char *s, const char **end);

#endif
