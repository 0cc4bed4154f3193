/*
 * The reader of the configuration file, through a file as it is in use: what it takes is within
 * bounds, what it refuses leaves nothing behind, and it says which line is wrong.  Input: the file.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "fuzz.h"

static char path[64];

static void remove_file(void)
{
	unlink(path);
}

/* The file, made at the first call, in memory where there is such a folder. */
static int file(void)
{
	static int fd = -1;

	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "%s/markshim-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	fd = mkostemp(path, O_CLOEXEC);
	fuzz_must(fd >= 0, "a file to write to");
	atexit(remove_file);
	return fd;
}

static void must_be_path(const char *p)
{
	fuzz_must(memchr(p, '\0', CONF_PATH_MAX), "a path ends");
	fuzz_must(!*p || *p == '/', "a path is absolute");
}

static void must_be_order(const struct form_order *o)
{
	for (int t = 0; t < TABLE_COUNT; t++) {
		size_t n = 0;

		for (; n <= FORM_COUNT && o->at[t][n]; n++)
			fuzz_must(o->at[t][n] >= forms && o->at[t][n] < forms + FORM_COUNT &&
				  o->at[t][n]->tables & (1u << t), "a form of its table");
		fuzz_must(n <= FORM_COUNT, "a list of forms ends");
	}
}

static void must_be_sane(const struct conf *c)
{
	fuzz_must(c->mode < MODE_COUNT && c->assume < CLASS_COUNT && c->backend <= BACKEND_NFT,
		  "values that there are");
	for (size_t i = 0; i < APPLET_COUNT; i++)
		must_be_path(c->real[i]);
	must_be_path(c->log_file);
	must_be_order(&c->forms);
}

/* The message tells where: "PATH: line N: why", or of the whole file. */
static void must_be_refusal(const struct conf *c, const struct err *e)
{
	const struct conf none = conf_default();

	fuzz_must(!memcmp(c->real, none.real, sizeof(none.real)) && !*c->log_file &&
		  c->mode == none.mode && c->assume == none.assume &&
		  !memcmp(&c->forms, &none.forms, sizeof(none.forms)), "nothing of a bad file");
	fuzz_must(!strncmp(e->text, path, strlen(path)), "the file's name");
	fuzz_must(strstr(e->text, ": line ") || strstr(e->text, ": more than"), "the line");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf c;
	int fd = file();
	struct err e = { "" };

	fuzz_must(pwrite(fd, data, size, 0) == (ssize_t)size && ftruncate(fd, (off_t)size) == 0,
		  "a file that can be written");
	memset(&c, 0xff, sizeof(c));
	if (conf_read(&c, path, true, &e) == 0)
		must_be_sane(&c);
	else
		must_be_refusal(&c, &e);
	return 0;
}
