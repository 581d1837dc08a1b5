/* SPDX-License-Identifier: Apache-2.0 */
/* The test receiver's answers, good and bad: status, Retry-After, a text, a huge or slow or broken
 * body, or raw bytes on the socket. Keeps nothing. */
#ifndef TESTS_RECEIVER_ANSWER_H
#define TESTS_RECEIVER_ANSWER_H

#include <microhttpd.h>
#include <stdbool.h>

#include "behave.h"

struct server;

/* Queue the answer that how wants; text (may be NULL) is its body when how has none. */
enum MHD_Result answer_send(struct server *s, struct MHD_Connection *c, const struct behave *how,
                            const char *text);

/* Write the file's bytes to the socket; the caller closes it. Not for TLS. */
void answer_raw(int fd, const char *path);

/* Sleep on the server's behalf; true when it is to stop. In server.c. */
bool server_nap(struct server *s, unsigned ms);

#endif
