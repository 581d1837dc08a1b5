/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "conf/conf_index.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#define SEC_MAX INT64_C(253402300799) /* the end of 9999 */

/* Digits only: no locale changes them. 0: no such conversion. */
static size_t put_date(char conversion, const struct tm *tm, char *out, size_t size)
{
    switch (conversion) {
    case 'Y':
        return strftime(out, size, "%Y", tm);
    case 'm':
        return strftime(out, size, "%m", tm);
    case 'd':
        return strftime(out, size, "%d", tm);
    case 'H':
        return strftime(out, size, "%H", tm);
    case 'j':
        return strftime(out, size, "%j", tm);
    case 'G':
        return strftime(out, size, "%G", tm);
    case 'V':
        return strftime(out, size, "%V", tm);
    default:
        return 0;
    }
}

int conf_index_name(const char *pattern, int64_t sec, char out[CONF_INDEX_SIZE])
{
    time_t t = sec < 0 ? 0 : sec > SEC_MAX ? SEC_MAX : sec;
    size_t n = 0;
    struct tm tm;

    if (!gmtime_r(&t, &tm))
        return -EINVAL;
    for (const char *p = pattern; *p; p++) {
        char piece[8] = {*p};
        size_t len = *p == '%' ? put_date(*++p, &tm, piece, sizeof(piece)) : 1;

        if (len == 0)
            return -EINVAL;
        if (len >= CONF_INDEX_SIZE - n)
            return -EMSGSIZE;
        memcpy(out + n, piece, len);
        n += len;
    }
    out[n] = '\0';
    return 0;
}

/* The rules of Elasticsearch, which OpenSearch has kept [its reference, "Create index"]. */
const char *conf_index_fault(const char *pattern)
{
    char name[CONF_INDEX_SIZE];

    switch (conf_index_name(pattern, 0, name)) {
    case 0:
        break;
    case -EMSGSIZE:
        return "an index name has at most 255 bytes";
    default:
        return "a date is made of %Y %m %d %H %j %G %V only";
    }
    if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return "not the name of an index";
    if (strchr("-_+", name[0]))
        return "an index name must not begin with -, _ or +";
    for (const char *p = name; *p; p++) {
        if (*p >= 'A' && *p <= 'Z')
            return "an index name must be in lower case";
        if (*p <= ' ' || *p >= 0x7f)
            return "an index name must be printable ASCII without blanks";
        if (strchr("\\/*?\"<>|,#:", *p))
            return "an index name must not contain any of \\ / * ? \" < > | , # :";
    }
    return NULL;
}
