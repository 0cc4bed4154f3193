/* talk.h - nfnetlink by libmnl: a socket, one acknowledgement, one dump. */
#ifndef TALK_H
#define TALK_H

#include <libmnl/libmnl.h>
#include <stdint.h>

/* A socket on which no call waits for more than five seconds; NULL with errno set. */
struct mnl_socket *talk_open(void);

/*
 * Reads up to the acknowledgement of message `last` or the first that is an error.
 * Returns its errno value, 0 for success.
 */
int talk_ack(struct mnl_socket *s, uint32_t last);

/* Sends a request and hands all answers to `each`.  Returns 0 or an errno value. */
int talk_dump(struct nlmsghdr *request, mnl_cb_t each, void *data);

#endif
