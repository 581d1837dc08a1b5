/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources of the program `power` share: a recorded session, and the cuts made of it. */
#ifndef TESTS_FAULTS_POWER_H
#define TESTS_FAULTS_POWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"
#include "stage.h"

struct session {
    struct stage s;
    struct script script;
    char shim[512];
    bool always; /* --sync always */
    bool down;   /* the receiver is */
    char *trace; /* the trace's bytes */
    size_t trace_len;
    size_t n_ops;
};

/* Play a random session under the recorder. False: said why. */
bool session_record(struct session *ss, const char *program, const char *builddir, uint64_t seed);
void session_done(struct session *ss);

/* The operation at *at, which is moved on; false at the end. */
bool session_next(const struct session *ss, size_t *at, struct trace_op *op, const char **path,
                  const char **path2, const char **data);

/* Power goes after n operations. false: something is wrong with what a start makes of it; what, is
 * printed. */
bool session_cut(struct session *ss, enum model_kind kind, size_t n, uint64_t seed);

#endif
