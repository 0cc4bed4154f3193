/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connect serve: takes connections to port 7000 and ends each at once.
 * connect SECONDS TO: makes such connections, one after the other, and writes how many a second.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 7000, BACKLOG = 1024 };

static int tcp(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(EXIT_FAILURE, "socket");
	return fd;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void serve(void)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	int fd = tcp(), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, BACKLOG))
		err(EXIT_FAILURE, "port %d", PORT);
	for (;;) {
		int one = accept(fd, NULL, NULL);

		if (one >= 0)
			close(one);
	}
}

/* It ends with a reset, so that its port is free again. */
static void connect_once(const struct sockaddr_in6 *to)
{
	struct linger reset = { .l_onoff = 1 };
	int fd = tcp();

	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		err(EXIT_FAILURE, "connect");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

int main(int argc, char *argv[])
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	unsigned long made = 0;
	double start;

	if (argc == 2 && !strcmp(argv[1], "serve"))
		serve();
	if (argc != 3 || inet_pton(AF_INET6, argv[2], &to.sin6_addr) != 1)
		errx(EXIT_FAILURE, "usage: connect serve | connect SECONDS TO");
	for (start = now(); now() < start + atof(argv[1]); made++)
		connect_once(&to);
	printf("%.1f\n", (double)made / (now() - start));
	return 0;
}
