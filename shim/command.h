/* command.h - markshim under its own name. */
#ifndef COMMAND_H
#define COMMAND_H

/* Exit statuses of diff(1): no difference, some, trouble. */
enum { COMMAND_SAME = 0, COMMAND_DIFFERS = 1, COMMAND_TROUBLE = 2 };

/* All take what stands behind the program's name: argv[0] is the subcommand. */
int command_main(int argc, char *argv[]);

int command_diff(int argc, char *argv[]);
int command_rewrite(int argc, char *argv[]);
int command_explain(int argc, char *argv[]);
int command_probe(int argc, char *argv[]);
int command_status(int argc, char *argv[]);
int command_doctor(int argc, char *argv[]);
int command_clean(int argc, char *argv[]);
int command_enable(int argc, char *argv[]);
int command_disable(int argc, char *argv[]);
int command_install(int argc, char *argv[]);
int command_uninstall(int argc, char *argv[]);

/* Says "markshim SUBCOMMAND: ..." on standard error.  Returns COMMAND_TROUBLE. */
int command_fail(const char *subcommand, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
