/* cure.h - what to install where a module is missing. */
#ifndef CURE_H
#define CURE_H

#define CURE_MAX 192

/*
 * Names the package that likely has xt_mark.ko for the running kernel, by
 * /etc/os-release and uname(2).
 */
void cure_name(char text[static CURE_MAX]);

#endif
