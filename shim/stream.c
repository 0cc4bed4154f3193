#include "stream.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

/* The longest line that is waited for; the rest of a longer one counts as the next. */
#define LINE_MAX_WAITED 65536

static void stop_reading(struct stream *s)
{
	close(s->from);
	s->from = -1;
}

/* The program gets the signal itself if it has more to write. */
static void lose(struct stream *s, int signal)
{
	s->lost = signal;
	if (s->from >= 0)
		stop_reading(s);
}

void stream_say(struct stream *s)
{
	size_t len = s->queue.len - s->said;
	ssize_t n = write(s->filter->fd, s->queue.at + s->said, len < PIPE_BUF ? len : PIPE_BUF);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0 && (errno == EPIPE || errno == EFBIG) && s->filter->fd == STDOUT_FILENO)
		lose(s, errno == EPIPE ? SIGPIPE : SIGXFSZ);
	s->said += n > 0 ? (size_t)n : len;
	if (stream_has_more_to_say(s))
		return;
	s->queue.len = 0;
	s->said = 0;
}

/* Without memory for another text the line is said as it is. */
static void say(struct stream *s, struct span line)
{
	s->filter->say(s->filter->state, &s->queue, line);
}

static void say_waiting(struct stream *s)
{
	say(s, (struct span){ s->waiting.at, s->waiting.len });
	s->waiting.len = 0;
}

/* Lines come out as soon as they are whole. */
static void take(struct stream *s, struct span more)
{
	const char *newline;

	while (more.len && (newline = memchr(more.at, '\n', more.len))) {
		struct span line = { more.at, (size_t)(newline - more.at) + 1 };

		if (s->waiting.len) {
			text_span(&s->waiting, line);
			say_waiting(s);
		} else {
			say(s, line);
		}
		more = span_from(more, line.len);
	}
	text_span(&s->waiting, more);
	if (s->waiting.len > LINE_MAX_WAITED)
		say_waiting(s);
}

bool stream_read(struct stream *s)
{
	char buffer[65536];
	ssize_t n = read(s->from, buffer, sizeof(buffer));

	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		s->queue.failed |= n < 0;
		stop_reading(s);
		return false;
	}
	take(s, (struct span){ buffer, (size_t)n });
	return true;
}

void stream_finish(struct stream *s)
{
	if (s->waiting.len)
		say_waiting(s);
	say(s, (struct span){ "", 0 });
}

void stream_release(struct stream *s)
{
	if (s->from >= 0)
		stop_reading(s);
	text_release(&s->waiting);
	text_release(&s->queue);
}
