#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "escape.h"
#include "text.h"

void log_begin(struct log *l, const struct conf *conf, const char *applet)
{
	*l = (struct log){ .conf = conf, .applet = applet, .socket = -1, .file = -1 };
}

void log_end(struct log *l)
{
	if (l->socket >= 0)
		close(l->socket);
	if (l->file >= 0)
		close(l->file);
	l->opened = false;
	l->socket = l->file = -1;
}

/* The second is what the first leads to with systemd; a container has no /dev/log of the host. */
static const struct sockaddr_un syslogs[] = {
	{ AF_UNIX, "/dev/log" }, { AF_UNIX, "/run/systemd/journal/dev-log" },
};

/* syslog(3) blocks when nobody reads, so the datagram is our own. */
static int open_syslog(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	for (size_t i = 0; i < sizeof(syslogs) / sizeof(syslogs[0]); i++)
		if (connect(fd, (const struct sockaddr *)&syslogs[i], sizeof(syslogs[i])) == 0)
			return fd;
	close(fd);
	return -1;
}

/* Opened by each run anew, so that logrotate may move it at any time. */
static int open_file(const char *path)
{
	int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags, 0600);
	struct stat st;

	/* with a second name it may be a file that means something to somebody else */
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void open_all(struct log *l)
{
	l->opened = true;
	if (l->conf->log_syslog)
		l->socket = open_syslog();
	if (*l->conf->log_file)
		l->file = open_file(l->conf->log_file);
	l->caller = caller_find();
}

static void add_value(struct text *t, const struct log_field *f)
{
	if (f->text.at)
		escape_json(t, f->text, LOG_TEXT_MAX);
	else
		text_printf(t, "%lld", (long long)f->number);
}

/* {"key":"text","key":1} */
static void add_json(struct text *t, const struct log_field *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		text_printf(t, "%s\"%s\":", t->len > 1 ? "," : "", f[i].key);
		add_value(t, &f[i]);
	}
}

/* key="text" key=1 */
static void add_plain(struct text *t, const struct log_field *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		text_printf(t, " %s=", f[i].key);
		add_value(t, &f[i]);
	}
}

/* A file grows while a record is written: who looks at its end waits for that, 200 ms at most. */
static void lock_file(int file)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int tries = 200; tries && flock(file, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	     tries--)
		nanosleep(&pause, NULL);
}

/* A full disk may have cut the last record short. */
static bool ends_in_a_line(int file)
{
	char last = '\n';
	struct stat st;

	return fstat(file, &st) < 0 || pread(file, &last, 1, st.st_size - 1) != 1 || last == '\n';
}

static void write_file(const struct log *l, const struct log_field *common, size_t n_common,
		       const struct log_field *f, size_t n)
{
	OWN_TEXT struct text t = { 0 };
	char when[48];
	struct timespec now;
	ssize_t n_written;
	struct tm utc;
	size_t used;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(when + used, sizeof(when) - used, ".%03ldZ", now.tv_nsec / 1000000);
	lock_file(l->file);
	text_puts(&t, ends_in_a_line(l->file) ? "{" : "\n{");
	add_json(&t, &(struct log_field){ .key = "time", .text = span_of(when) }, 1);
	add_json(&t, common, n_common);
	add_json(&t, f, n);
	text_puts(&t, "}\n");
	/* one write, so that records of many processes never mix */
	n_written = t.failed ? 0 : write(l->file, t.at, t.len);
	(void)n_written;
	flock(l->file, LOCK_UN);
}

static void write_plain(const struct log *l, int priority, const struct log_field *common,
			size_t n_common, const struct log_field *f, size_t n)
{
	OWN_TEXT struct text t = { 0 };
	char head[64], when[32];
	time_t now = time(NULL);
	struct tm local;
	size_t body;

	localtime_r(&now, &local);
	strftime(when, sizeof(when), "%b %e %H:%M:%S", &local);
	snprintf(head, sizeof(head), "<%d>%s ", LOG_DAEMON | priority, when);
	text_puts(&t, head);
	body = t.len;
	text_printf(&t, "markshim[%d]:", (int)getpid());
	add_plain(&t, common, n_common);
	add_plain(&t, f, n);
	if (t.failed)
		return;
	if (l->socket >= 0)
		send(l->socket, t.at, t.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (!l->conf->log_stderr)
		return;
	text_puts(&t, "\n");
	if (!t.failed && write(STDERR_FILENO, t.at + body, t.len - body) < 0)
		return;
}

void log_record(struct log *l, int priority, const char *event, const struct log_field *fields,
		size_t n)
{
	if (!l->opened)
		open_all(l);
	const struct log_field common[] = {
		log_text("event", event),
		log_text("applet", l->applet),
		log_number("caller_pid", l->caller.pid),
		log_text("caller", l->caller.name),
		log_text("caller_parent", l->caller.parent),
	};
	const size_t n_common = sizeof(common) / sizeof(common[0]);

	if (l->file >= 0)
		write_file(l, common, n_common, fields, n);
	if (l->socket >= 0 || l->conf->log_stderr)
		write_plain(l, priority, common, n_common, fields, n);
}

void log_note(struct log *l, int priority, const char *text)
{
	struct log_field f = log_text("text", text);

	log_record(l, priority, "note", &f, 1);
}
