/* err.h - one error message on its way up to whoever decides what it means. */
#ifndef ERR_H
#define ERR_H

/*
 * A function that can fail takes a `struct err *`, fills it where the failure
 * happens and returns -1.  The text lives inside the struct: nothing to free,
 * and errno is turned into words before any cleanup can change it.
 */
struct err {
	char text[256];		/* one line, no newline; cut if longer */
};

/* Both return -1, so that a failing branch is one line: return err_set(e, ...); */
int err_set(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, followed by ": " and what errno means. */
int err_sys(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
