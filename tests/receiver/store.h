/* SPDX-License-Identifier: Apache-2.0 */
/* Where the test receiver keeps what it took: the accepted documents, one a line, in the order
 * accepted, and one JSON line a request. Owns the two descriptors and a lock, so several
 * connections may call it. What a call wrote is with the kernel when it returns: only then may the
 * client be told. */
#ifndef TESTS_RECEIVER_STORE_H
#define TESTS_RECEIVER_STORE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "base/buf.h"

struct store;

/* Either path may be NULL: not kept. print: a short line an event on standard output. 0 or -errno
 * (path is then the one that did not open). */
int store_new(const char *out, const char *requests, bool print, struct store **ret,
              const char **bad);
void store_free(struct store *s);

/* One document into a batch: len bytes and an LF. A document that holds a line break itself is
 * written anew by json-c, so that a line stays a document. print_text gets the line for --print. */
void store_batch_add(struct store *s, struct buf *batch, struct buf *print_text, const char *doc,
                     size_t len, struct json_object *parsed);

/* Append batch (n documents) and what is to be printed. 0 or -errno. */
int store_documents(struct store *s, const struct buf *batch, const struct buf *print_text,
                    size_t n);

/* Append one request's line (no LF in it). 0 or -errno. */
int store_request(struct store *s, const struct buf *line);

/* Documents accepted so far. */
uint64_t store_count(struct store *s);

#endif
