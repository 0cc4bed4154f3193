/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood SECONDS FROM TO [PORTS]: sends UDP packets from [FROM]:7000 to [TO]:7000 as fast as can
 * be, and reads what comes back.  With PORTS, each goes out from the next of so many source
 * ports, so that each is a connection's first; and if SECONDS is 0, once from each port.
 * Writes how many were sent, and in how many seconds.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 7000, BATCH = 64, PORTS_MAX = 1024 };

static struct sockaddr_in6 address(const char *text, int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port) };

	if (inet_pton(AF_INET6, text, &a.sin6_addr) != 1)
		errx(EXIT_FAILURE, "%s: no address", text);
	return a;
}

static int connected(const char *from, const char *to, int port)
{
	struct sockaddr_in6 here = address(from, port), there = address(to, PORT);
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof(here)) ||
	    connect(fd, (struct sockaddr *)&there, sizeof(there)))
		err(EXIT_FAILURE, "[%s]:%d to [%s]:%d", from, port, to, PORT);
	return fd;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char *argv[])
{
	static int fds[PORTS_MAX];
	int ports = argc > 4 ? atoi(argv[4]) : 1;
	unsigned long sent = 0;
	char packet[32] = "";
	double start, length;

	if (argc < 4 || ports < 1 || ports > PORTS_MAX)
		errx(EXIT_FAILURE, "usage: flood SECONDS FROM TO [PORTS]");
	for (int i = 0; i < ports; i++)
		fds[i] = connected(argv[2], argv[3], PORT + i);
	length = atof(argv[1]);
	start = now();
	do {
		for (int i = 0; i < (length > 0 ? BATCH : ports); i++) {
			int fd = fds[sent % (unsigned long)ports];

			/* errors of the other side's closed ports are told here too */
			if (send(fd, packet, sizeof(packet), 0) == (ssize_t)sizeof(packet) ||
			    errno == ECONNREFUSED)
				sent++;
			while (length > 0 && recv(fd, packet, sizeof(packet), 0) > 0)
				;
		}
	} while (now() < start + length);
	printf("%lu %.9f\n", sent, now() - start);
	return 0;
}
