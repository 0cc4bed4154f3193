#include "input.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM_FIRST ((size_t)2 << 20)	/* a huge page of most machines */

/*
 * mremap() moves pages, not bytes, and pages that were never written cost nothing.  Huge
 * ones spare a fault for each 4 kB of rules; where there are none, all is as well.
 */
static int grow(struct input *in, struct err *e)
{
	size_t room = in->room ? in->room * 2 : ROOM_FIRST;
	void *at;

	if (in->room >= INPUT_MAX)
		return err_set(e, "more than %zu bytes of rules", INPUT_MAX);
	at = in->room ? mremap(in->at, in->room, room, MREMAP_MAYMOVE)
		: mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return err_sys(e, "memory for %zu bytes of rules", room);
	madvise(at, room, MADV_HUGEPAGE);
	in->at = at;
	in->room = room;
	return 0;
}

/* Where a regular file is to be read from, or -1 for everything else. */
static off_t position(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
}

int input_read(struct input *in, int fd, struct err *e)
{
	off_t start = position(fd);
	ssize_t n;

	*in = (struct input){ .fd = fd };
	do {
		if (in->len == in->room && grow(in, e) < 0)
			return -1;
		if (start >= 0)
			n = pread(fd, in->at + in->len, in->room - in->len, start + (off_t)in->len);
		else
			n = read(fd, in->at + in->len, in->room - in->len);
		if (n < 0 && errno != EINTR)
			return err_sys(e, "reading the rules");
		in->len += n > 0 ? (size_t)n : 0;
		/* an end is gone once it was read only where it was typed */
		in->consumed |= start < 0 && (n > 0 || (n == 0 && isatty(fd)));
	} while (n != 0);
	in->whole = true;
	return 0;
}

void input_release(struct input *in)
{
	if (in->room)
		munmap(in->at, in->room);
	*in = (struct input){ .fd = -1 };
}
