/* trial.h - commits one rule and reads the kernel's verdict. */
#ifndef TRIAL_H
#define TRIAL_H

#include "err.h"
#include "kernel.h"

/*
 * Appends `-j MARK --set-xmark 0x1/0x1` to a chain of the network namespace that
 * the process is in, which should be a fresh one: nothing is taken back.
 *
 * Returns ANSWER_YES if the kernel committed it, ANSWER_NO if it refused the rule
 * itself, and ANSWER_UNKNOWN with *e set if it did not come to that.
 */
enum answer trial_legacy(enum family f, struct err *e);
enum answer trial_nft(enum family f, struct err *e);

#endif
