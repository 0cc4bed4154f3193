/* modprobe.h - loads a kernel module as iptables itself does. */
#ifndef MODPROBE_H
#define MODPROBE_H

/*
 * Runs the program that /proc/sys/kernel/modprobe names (xtables_insmod() in
 * libxtables does the same), with the environment that the kernel gives it and
 * /dev/null on its descriptors, and waits for it.  Whether it helped is for the
 * caller to find out.
 */
void modprobe(const char *module);

#endif
