/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: functions return 0 or a negative errno; domain codes continue below -1000, each with a
 * text here. A function either logs or returns an error, never both. */
#ifndef OMAUDITJSON_BASE_ERR_H
#define OMAUDITJSON_BASE_ERR_H

enum err {
    ERR_FIRST = -1000,
    ERR_JOURNAL_FULL = -1001,    /* the window has no room; wait for a delivery */
    ERR_JOURNAL_LOCKED = -1002,  /* another process has the state directory */
    ERR_JOURNAL_FORMAT = -1003,  /* no segment of ours */
    ERR_BLOCKED = -1004,         /* the pipeline is full; try again later */
    ERR_CONFIG = -1005,          /* invalid configuration; the message names the key */
    ERR_JOURNAL_VERSION = -1006, /* a segment of another version, byte order or size */
    ERR_JOURNAL_ASIDE = -1007,   /* too many damaged files are kept; somebody must look at them */
    ERR_DEAD_FULL = -1008,       /* the dead letters have reached their bound, and none may go */
};

/* A text for a negative errno or a code above. Static or thread-local memory; not to be freed. */
const char *err_text(int code);

#endif
