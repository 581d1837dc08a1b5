/* SPDX-License-Identifier: Apache-2.0 */
/* A web server inside a unit test, on 127.0.0.1 and a port of the system's choice. What it answers
 * is up to a function of the test; everything it received is kept. Delays are a gate that the test
 * opens, never a sleep. */
#ifndef TESTS_UNIT_HTTPD_H
#define TESTS_UNIT_HTTPD_H

#include <stdbool.h>
#include <stddef.h>

struct httpd;

struct httpd_request {
    char *body;
    size_t len;
    char path[128], method[16], type[64], encoding[16], key[32], auth[128], agent[64], extra[64];
    bool expect;
    unsigned status; /* what was answered; 0: nothing */
};

struct httpd_answer {
    unsigned status; /* 200 unless the script says otherwise */
    const char *retry_after;
    const char *body;
    size_t fill; /* answer this many bytes of 'x' in place of body */
    bool reset;  /* no answer, a reset */
    bool gate;   /* wait for httpd_open_gate() */
};

/* Called in the server's thread, one call at a time, for the index-th request. */
typedef void (*httpd_script)(void *ctx, size_t index, const struct httpd_request *r,
                             struct httpd_answer *a);

/* cert and key: PEM texts for TLS, or NULL. script NULL: always 200. */
struct httpd *httpd_new(httpd_script script, void *ctx, const char *cert, const char *key);
void httpd_free(struct httpd *h);

unsigned httpd_port(const struct httpd *h);
size_t httpd_count(struct httpd *h);       /* requests received whole */
size_t httpd_waiting(struct httpd *h);     /* of them, at the gate */
size_t httpd_connections(struct httpd *h); /* ever accepted */
void httpd_open_gate(struct httpd *h);     /* those at the gate get their answers */

/* The i-th request; lives until httpd_free(). */
const struct httpd_request *httpd_request(struct httpd *h, size_t i);

#endif
