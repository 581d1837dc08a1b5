/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP side of the test receiver: a libmicrohttpd daemon with a thread a connection, so that a
 * behaviour may sleep, hang or reset without touching its neighbours. Where libmicrohttpd cannot
 * misbehave enough it writes to the connection's socket itself.
 *   /_control?mode=STEP   from now on (the plan is dropped)      /_control?plan=PLAN
 *   /_stats               counters as JSON                       any other path: a receiver
 * Owns the daemon and the plan; borrows the store. */
#ifndef TESTS_RECEIVER_SERVER_H
#define TESTS_RECEIVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "behave.h"
#include "elastic.h"
#include "siem.h"
#include "store.h"

struct server_conf {
    const char *address; /* dotted IPv4 */
    uint16_t port;       /* 0: any */
    size_t max_events;   /* more in one body: 413; 0: no limit */
    size_t max_bytes;    /* larger body as sent: 413; 0: no limit */
    const char *reject;  /* a body that contains this: 400; NULL: none */
    const char *require; /* "Name: value" that must come along, else 401; NULL: none */
    unsigned idle_s;     /* close a connection that idles so long; 0: never */
    char *cert, *key;    /* PEM text; NULL: no TLS */
    char *client_ca;     /* PEM text: a client certificate of this CA is demanded */
    bool elasticsearch;  /* it is one, for every path but the two above */
    struct elastic_conf elastic;
    struct siem_conf siem;    /* with a name: it is that one */
    const char *tls_priority; /* GnuTLS priority string, NULL: libmicrohttpd's */
};

struct server;

/* Takes plan's contents. 0 or -errno. */
int server_start(const struct server_conf *conf, struct behave_plan *plan, struct store *store,
                 struct server **ret);
uint16_t server_port(const struct server *s);

/* Ends hanging and sleeping requests without an answer, and everything else in order. */
void server_stop(struct server *s);

#endif
