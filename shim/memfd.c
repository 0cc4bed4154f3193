#include "memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u	/* Linux 6.3 */
#endif

int memfd_open(struct memfd *m, struct err *e)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;

	m->used = 0;
	/* vm.memfd_noexec=2 wants the flag, kernels before 6.3 refuse it */
	m->fd = memfd_create("markshim-rules", flags | MFD_NOEXEC_SEAL);
	if (m->fd < 0 && errno == EINVAL)
		m->fd = memfd_create("markshim-rules", flags);
	return m->fd < 0 ? err_sys(e, "memfd_create") : 0;
}

static int write_all(int fd, struct span s, struct err *e)
{
	while (s.len) {
		ssize_t n = write(fd, s.at, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		/* RLIMIT_FSIZE holds for a memfd too */
		if (n <= 0)
			return err_sys(e, "keeping the rewritten rules");
		s = span_from(s, (size_t)n);
	}
	return 0;
}

static int flush(struct memfd *m, struct err *e)
{
	struct span waits = { m->buffer, m->used };

	m->used = 0;
	return write_all(m->fd, waits, e);
}

int memfd_write(struct memfd *m, struct span s, struct err *e)
{
	if (s.len > sizeof(m->buffer) - m->used && flush(m, e) < 0)
		return -1;
	if (s.len > sizeof(m->buffer))
		return write_all(m->fd, s, e);
	memcpy(m->buffer + m->used, s.at, s.len);
	m->used += s.len;
	return 0;
}

int memfd_seal(struct memfd *m, struct err *e)
{
	if (flush(m, e) < 0)
		return -1;
	if (fcntl(m->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return err_sys(e, "sealing the rewritten rules");
	if (lseek(m->fd, 0, SEEK_SET) < 0)
		return err_sys(e, "rewinding the rewritten rules");
	return 0;
}

int memfd_was_read(const struct memfd *m, struct err *e)
{
	struct stat st;

	/* the position is one for all who have the file; where it can't be had, nothing is suspected */
	if (lseek(m->fd, 0, SEEK_CUR) != 0 || fstat(m->fd, &st) < 0 || st.st_size == 0)
		return 0;
	return err_set(e, "none of the %lld bytes of rules was read, though it ended with status 0; "
		       "SELinux may keep them from it", (long long)st.st_size);
}

void memfd_close(struct memfd *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}
