/* SPDX-License-Identifier: Apache-2.0 */
/* A disk as it may be after a loss of power. Fed with the operations of a trace in order, it keeps
 * apart what is durable for sure and what is still on its way; model_cut() writes a tree that has
 * all of the former and a choice of the latter.
 *
 * MODEL_EXT4: names and sizes become durable in their order, with any sync that has to write some;
 * data that makes a file longer comes before its length. MODEL_STRICT: what POSIX promises and no
 * more: a name is durable after fsync() of its folder; length, content and names know nothing of
 * each other; every piece of every write may be there or not. */
#ifndef TESTS_FAULTS_MODEL_H
#define TESTS_FAULTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace.h"

enum model_kind { MODEL_EXT4, MODEL_STRICT };

struct model;

struct model *model_new(enum model_kind kind);
void model_free(struct model *m);

/* The next operation; path, path2 and data are borrowed for the model's life. */
void model_step(struct model *m, const struct trace_op *op, const char *path, const char *path2,
                const char *data);

/* Write the tree into dir (which exists and is empty); *random is moved on. False: errno. */
bool model_cut(const struct model *m, const char *dir, uint64_t *random);

/* splitmix64, and a number below n of it. */
uint64_t model_random(uint64_t *state);
uint64_t model_below(uint64_t *state, uint64_t n);

#endif
