#include "transaction.h"

#include <sys/wait.h>

#include "capture.h"
#include "memfd.h"
#include "read_back.h"

#define SAID_MAX ((size_t)64 << 10)	/* bytes */
#define SAVED_MAX ((size_t)1 << 30)

/* The plain name's program, if its backend is the caller's; else the backend's own. */
static int find(struct real *real, const struct shim *s, enum applet_kind kind,
		enum backend backend, struct err *e)
{
	struct applet a = { .family = s->applet.family, .backend = s->applet.backend, .kind = kind };
	char name[APPLET_NAME_MAX];
	int status;

	applet_name(name, a);
	if (real_find(real, a, &s->conf, e, &status) == 0 &&
	    real_backend(real, a, &s->conf, name) == backend)
		return 0;
	a.backend = backend;
	return real_find(real, a, &s->conf, e, &status);
}

int transaction_run(const struct shim *s, enum backend backend, const struct rule *command,
		    struct span rules, struct text *said, int *status, struct err *e)
{
	const char *argv[] = { NULL, "--noflush", NULL, NULL, NULL, NULL, NULL };
	char name[APPLET_NAME_MAX];
	struct capture_job job = { .argv = argv, .errors_too = true };
	static struct memfd input;
	struct real real;
	size_t n = 2;
	int result;

	applet_name(name, (struct applet){ .family = s->applet.family, .kind = APPLET_RESTORE });
	argv[0] = name;
	if (command->waits) {
		argv[n++] = "-w";
		if (command->wait)
			argv[n++] = command->wait;
	}
	if (command->modprobe) {
		argv[n++] = "-M";
		argv[n] = command->modprobe;
	}
	if (find(&real, s, APPLET_RESTORE, backend, e) < 0 || memfd_open(&input, e) < 0)
		return -1;
	job.path = real.path;
	job.input = input.fd;
	result = memfd_write(&input, rules, e) < 0 || memfd_seal(&input, e) < 0 ||
		capture(&job, said, SAID_MAX, status, e) < 0 ||
		(*status == 0 && memfd_was_read(&input, e) < 0) ? -1 : 0;
	memfd_close(&input);
	return result;
}

int transaction_save(const struct shim *s, enum backend backend, enum table t,
		     struct text *saved, struct err *e)
{
	char name[APPLET_NAME_MAX];
	const char *const argv[] = { name, "-t", table_name(t), NULL };
	struct capture_job job = { .argv = argv, .input = -1 };
	struct real real;
	int status;

	applet_name(name, (struct applet){ .family = s->applet.family, .kind = APPLET_SAVE });
	if (find(&real, s, APPLET_SAVE, backend, e) < 0)
		return -1;
	job.path = real.path;
	if (capture(&job, saved, SAVED_MAX, &status, e) < 0)
		return -1;
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 ||
				  read_back_is_whole(backend, s->applet.family, t,
						     (struct span){ saved->at, saved->len }, status)))
		return 0;
	return err_set(e, "%s did not save table %s", name, table_name(t));
}
