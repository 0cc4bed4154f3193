#include "saved.h"

#include <sys/wait.h>

#include "capture.h"
#include "look_nft.h"
#include "process.h"
#include "real.h"
#include "shim.h"
#include "transaction.h"

int saved_run(struct applet a, const struct conf *c, const char *option, int input,
	      struct text *out, struct err *e)
{
	char name[APPLET_NAME_MAX];
	const char *const argv[] = { name, option, NULL };
	struct capture_job job = { .argv = argv, .input = input };
	struct real real;
	int status;

	applet_name(name, a);
	if (real_find(&real, a, c, e, &status) < 0)
		return -1;
	job.path = real.path;
	if (capture(&job, out, SAVED_MAX, &status, e) < 0)
		return -1;
	if (!process_has_failed(status))
		return 0;
	return err_set(e, "%s ended with status %d", name,
		       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

size_t saved_programs(struct saved_program p[static 2], enum family f, const struct conf *c)
{
	struct applet a = { .family = f, .kind = APPLET_SAVE };
	char name[APPLET_NAME_MAX];
	struct real real;
	struct err e;
	int status;

	p[0] = (struct saved_program){ .applet = a };
	applet_name(name, a);
	if (real_find(&real, a, c, &e, &status) == 0)
		p[0].backend = real_backend(&real, a, c, name);
	if (p[0].backend == BACKEND_UNKNOWN)
		return 1;
	a.backend = p[0].backend == BACKEND_NFT ? BACKEND_LEGACY : BACKEND_NFT;
	p[1] = (struct saved_program){ .applet = a, .backend = a.backend };
	return real_find(&real, a, c, &e, &status) == 0 ? 2 : 1;
}

int saved_read(struct text *saved, const struct saved_program *p, const struct conf *c,
	       struct err *e)
{
	struct shim s = { .applet = p->applet, .conf = *c };

	if (p->backend != BACKEND_NFT)
		return saved_run(p->applet, c, NULL, -1, saved, e);
	/* what nftables has made ends a table, so each is asked for by itself */
	for (enum table t = 0; t < TABLE_COUNT; t++)
		if (look_nft_table(p->applet.family, t) == ANSWER_YES &&
		    transaction_save(&s, p->backend, t, saved, e) < 0)
			return -1;
	return 0;
}
