/*
 * The two ends of the data path tests.
 *
 *	echo-peer PORT
 * serves: tells each caller by which address it is seen, then sends back what comes.
 *	echo-peer ADDRESS PORT SECONDS
 * calls: prints that address; then for each line of input sends 100,000 bytes, and prints
 * "echoed" when the same have come back.  SECONDS are the patience for any one answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK 10000
#define BLOCKS 10

static int patience_ms;

static void die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static void send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			die("write");
		data += n;
		len -= (size_t)n;
	}
}

/* Reads as much as there is, or dies when there is nothing for too long. */
static size_t receive(int fd, char *data, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, patience_ms) == 0)
		errno = ETIMEDOUT, die("read");
	n = read(fd, data, len);
	if (n < 0)
		die("read");
	if (n == 0)
		errno = EPIPE, die("read");
	return (size_t)n;
}

static void serve(int fd, const struct sockaddr_in6 *peer)
{
	char text[INET6_ADDRSTRLEN + 1], data[BLOCK];
	ssize_t n;

	inet_ntop(AF_INET6, &peer->sin6_addr, text, INET6_ADDRSTRLEN);
	strcat(text, "\n");
	send_all(fd, text, strlen(text));
	while ((n = read(fd, data, sizeof(data))) > 0)
		send_all(fd, data, (size_t)n);
}

static void serve_all(struct sockaddr_in6 *here)
{
	int listener = socket(AF_INET6, SOCK_STREAM, 0), on = 1;

	signal(SIGCHLD, SIG_IGN);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)here, sizeof(*here)) < 0 || listen(listener, 16) < 0)
		die("listen");
	puts("ready");
	for (;;) {
		struct sockaddr_in6 peer;
		socklen_t len = sizeof(peer);
		int fd = accept(listener, (struct sockaddr *)&peer, &len);

		if (fd >= 0 && fork() == 0) {
			serve(fd, &peer);
			exit(0);
		}
		close(fd);
	}
}

/* The kernel itself would try for two minutes. */
static int call(const struct sockaddr_in6 *there)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), error = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(error);

	if (connect(fd, (const struct sockaddr *)there, sizeof(*there)) < 0 && errno != EINPROGRESS)
		die("connect");
	if (poll(&p, 1, patience_ms) == 0)
		errno = ETIMEDOUT, die("connect");
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
		errno = error, die("connect");
	return fd;
}

static void echo_once(int fd)
{
	char out[BLOCK], in[BLOCK];

	for (int block = 0; block < BLOCKS; block++) {
		for (size_t i = 0; i < BLOCK; i++)
			out[i] = (char)rand();
		send_all(fd, out, BLOCK);
		for (size_t got = 0; got < BLOCK;)
			got += receive(fd, in + got, BLOCK - got);
		if (memcmp(in, out, BLOCK) != 0)
			errno = EBADMSG, die("echo");
	}
	puts("echoed");
}

int main(int argc, char *argv[])
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = in6addr_any };
	char line[256];
	int fd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	a.sin6_port = htons((unsigned short)atoi(argv[argc > 2 ? 2 : 1]));
	if (argc == 2)
		serve_all(&a);
	if (argc != 4 || inet_pton(AF_INET6, argv[1], &a.sin6_addr) != 1)
		return 2;
	patience_ms = atoi(argv[3]) * 1000;
	fd = call(&a);
	for (size_t n = 0; n < sizeof(line) - 1; n++) {
		receive(fd, line + n, 1);
		if (line[n] != '\n')
			continue;
		line[n] = '\0';
		puts(line);
		while (fgets(line, sizeof(line), stdin))
			echo_once(fd);
		return 0;
	}
	return 1;
}
