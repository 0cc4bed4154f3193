/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * race SECONDS: one UDP flow between the network namespaces `client` and `server` of packets.py,
 * both ways at once from every CPU there is, as fast as can be.  A packet is forwarded by the CPU
 * that sends it, so the router works at the same connection on all of them.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 7000, BATCH = 32 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct sockaddr_in6 end_of(const char *address)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };

	if (inet_pton(AF_INET6, address, &at.sin6_addr) != 1)
		errx(EXIT_FAILURE, "%s is no address", address);
	return at;
}

/* A socket of that namespace.  Each CPU has one, and all have the same two ends. */
static int flow_from(const char *netns, const char *from, const char *to)
{
	const struct sockaddr_in6 here = end_of(from), there = end_of(to);
	const int on = 1;
	int fd = open(netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(EXIT_FAILURE, "%s", netns);
	close(fd);
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    bind(fd, (const struct sockaddr *)&here, sizeof(here)) ||
	    connect(fd, (const struct sockaddr *)&there, sizeof(there)))
		err(EXIT_FAILURE, "%s to %s", from, to);
	return fd;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(EXIT_FAILURE, "CPU %d", cpu);
}

/* Nobody reads what arrives, and an answer that says so is of no interest. */
static void run(int cpu, double until)
{
	const int ends[] = {
		flow_from("/run/netns/client", "fd00:1::2", "fd00:2::2"),
		flow_from("/run/netns/server", "fd00:2::2", "fd00:1::2"),
	};
	char byte = 0;
	struct iovec iov = { &byte, sizeof(byte) };
	struct mmsghdr batch[BATCH] = { 0 };

	for (int i = 0; i < BATCH; i++)
		batch[i].msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	pin(cpu);
	while (now() < until)
		for (int end = 0; end < 2; end++)
			sendmmsg(ends[end], batch, BATCH, 0);
}

int main(int argc, char *argv[])
{
	const double until = now() + (argc == 2 ? atof(argv[1]) : 0);
	int status, failed = argc != 2;
	cpu_set_t cpus;

	if (failed || sched_getaffinity(0, sizeof(cpus), &cpus))
		errx(EXIT_FAILURE, "usage: race SECONDS");
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus) && !fork()) {
			run(cpu, until);
			return EXIT_SUCCESS;
		}
	while (wait(&status) > 0)
		failed |= status != 0;
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
