/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends UDP packets with given marks over loopback and says what marks they arrive with.
 * Reads lines `PORT MARK...`, PORT the source port; writes `PORT MARK...`, all but PORT in hex.
 */
#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef SO_RCVMARK
#define SO_RCVMARK 75		/* since Linux 5.19 */
#endif

enum {
	TO_PORT = 7777,
	CANNOT_RUN = 77,
	PATIENCE = 5,		/* seconds; a packet over loopback is there at once */
};

static int bound(uint16_t port)
{
	struct sockaddr_in6 at = {
		.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT,
		.sin6_port = htons(port),
	};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		err(EXIT_FAILURE, "bind [::1]:%u", port);
	return fd;
}

static int receiver(void)
{
	struct timeval patience = { .tv_sec = PATIENCE };
	int fd = bound(TO_PORT), on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVMARK, &on, sizeof(on)))
		err(CANNOT_RUN, "SO_RCVMARK (Linux 5.19 has it)");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		err(EXIT_FAILURE, "SO_RCVTIMEO");
	return fd;
}

static void send_marked(int fd, uint32_t mark)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT,
		.sin6_port = htons(TO_PORT),
	};

	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		err(EXIT_FAILURE, "SO_MARK");
	if (sendto(fd, "", 1, 0, (struct sockaddr *)&to, sizeof(to)) != 1)
		err(EXIT_FAILURE, "sendto");
}

static uint32_t received_mark(int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(uint32_t))];
	} control;
	char byte;
	struct iovec iov = { &byte, sizeof(byte) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	uint32_t mark;

	if (recvmsg(fd, &msg, 0) != 1)
		err(EXIT_FAILURE, "recvmsg");
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_MARK)
		errx(EXIT_FAILURE, "a packet without SO_MARK");
	memcpy(&mark, CMSG_DATA(c), sizeof(mark));
	return mark;
}

static void one_case(int to, char *line)
{
	char *port = strtok(line, " \n"), *mark;
	int from = bound(atoi(port));

	fputs(port, stdout);
	while ((mark = strtok(NULL, " \n"))) {
		send_marked(from, strtoul(mark, NULL, 0));
		printf(" %#" PRIx32, received_mark(to));
	}
	putchar('\n');
	close(from);
}

int main(void)
{
	int to = receiver();
	char line[256];

	while (fgets(line, sizeof(line), stdin))
		if (line[0] != '\n')
			one_case(to, line);
	return fflush(stdout) || ferror(stdout);
}
