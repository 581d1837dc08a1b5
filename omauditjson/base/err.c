/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/err.h"

#include <string.h>

const char *err_text(int code)
{
    switch (code) {
    case ERR_JOURNAL_FULL:
        return "the journal's window is full";
    case ERR_JOURNAL_LOCKED:
        return "another omauditjson is using the state directory";
    case ERR_JOURNAL_FORMAT:
        return "not a journal segment";
    case ERR_JOURNAL_VERSION:
        return "journal segment of another version or byte order";
    case ERR_JOURNAL_ASIDE:
        return "too many damaged files (*.bad) are kept; run omauditjson journal check";
    case ERR_BLOCKED:
        return "the pipeline is full";
    case ERR_CONFIG:
        return "invalid configuration";
    case ERR_DEAD_FULL:
        return "deadletter_bytes is reached; requeue or drop some (omauditjson deadletter), raise "
               "it, or set deadletter_full = drop";
    default:
        return strerror(code < 0 ? -code : code);
    }
}
