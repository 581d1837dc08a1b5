/* SPDX-License-Identifier: Apache-2.0 */
/* The type of a record, in each way that kernel, auditd and journald write it. Owns a table of
 * libaudit's names and of younger ones, made at the first look-up and never changed after. Not
 * thread-safe before that; only the thread that reads lines comes here. */
#ifndef OMAUDITJSON_INPUT_RECTYPE_H
#define OMAUDITJSON_INPUT_RECTYPE_H

#include <stddef.h>

#define RECTYPE_NAME_MAX 32      /* the longest name of libaudit 3 and 4 has 24 */
#define RECTYPE_NUMBER_MAX 65535 /* nlmsg_type has 16 bits */

enum rectype {
    RECTYPE_NAME,    /* a known name, byte for byte */
    RECTYPE_FOREIGN, /* looks like a name, nobody knows it: number -1 */
    RECTYPE_NUMBER,  /* in another form: 1300, UNKNOWN[1300], AUDIT1300, <audit-1300>, syscall */
    RECTYPE_BAD,     /* can't be a type: number is not written */
};

enum rectype rectype_lookup(const char *text, size_t len, int *number);

/* The name of a type, or NULL. Static. */
const char *rectype_name(int number);

#endif
