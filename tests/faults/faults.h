/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources of the program `faults` share: the table of calls that fail, and a runner that
 * plays one run with one of them failing and judges it. */
#ifndef TESTS_FAULTS_FAULTS_H
#define TESTS_FAULTS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#define FAULTS_ROWS 64

struct faults_row {
    const char *call; /* shim.c's name of it */
    int how;          /* errno, or 0: half is written */
    unsigned times;   /* so many in a row fail */
    unsigned stride;  /* for make check: every so many-th n; 0: all */
    bool may_be_none; /* not in every file system or version */
    bool lost_wire;   /* it may be the wire itself that fails: then rsyslog waits in vain */
};

extern const struct faults_row faults_table[];
extern const size_t faults_rows;

/* "EIO", "half", "ENOSPC, 3 times"; static memory. */
const char *faults_row_text(const struct faults_row *row);

struct faults_options {
    const char *program, *builddir;
    const char *call;     /* this one alone, or NULL */
    unsigned long only;   /* this n alone, or 0 */
    unsigned long stride; /* instead of the table's, or 0 */
    unsigned long from;
    unsigned long fewer; /* stride of the table's other rows: a sanitizer is slow */
};

struct verdict {
    bool fired;   /* the n-th call was reached */
    bool exited;  /* the process ended before the end of input */
    bool crashed; /* in a library, by a signal, without memory */
    bool good;
};

struct runner;

struct runner *runner_new(const struct faults_options *o, unsigned worker);
void runner_free(struct runner *r);

bool runner_wants(const struct faults_options *o, const struct faults_row *row);

/* What is wrong is printed. */
struct verdict runner_run(struct runner *r, const struct faults_row *row, unsigned long n);

#endif
