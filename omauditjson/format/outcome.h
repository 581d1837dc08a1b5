/* SPDX-License-Identifier: Apache-2.0 */
/* The outcome of an event: did it succeed, and did the kernel or a security module deny it? All
 * formats use it, so they agree. Owns nothing. */
#ifndef OMAUDITJSON_FORMAT_OUTCOME_H
#define OMAUDITJSON_FORMAT_OUTCOME_H

#include "format/view.h"

struct conf;

enum view_result { VIEW_RESULT_UNKNOWN, VIEW_RESULT_SUCCESS, VIEW_RESULT_FAILURE };

struct view_outcome {
    enum view_result result; /* the SYSCALL's or URINGOP's success, else the program's res */
    bool denied; /* SELinux, AppArmor, Smack, Landlock, IPE (none of them when it only watches), a
                  * seccomp filter, an integrity check, fanotify, the kernel's link restrictions */
};

struct view_outcome view_outcome(const struct view *v);

/* Did an IPE_ACCESS record come of a rule that allows? [Linux,
 * Documentation/admin-guide/LSM/ipe.rst] */
bool view_ipe_allows(const struct event_record *rec);

/* The word for `severity`: the higher of severity_failed and severity_denied where they apply, else
 * INFO. Static. */
const char *view_severity(const struct view *v, const struct conf *conf);

#endif
