/* SPDX-License-Identifier: Apache-2.0 */
/* The value of option `index`: the name of an index or data stream, with a date in it if wanted.
 * The date is the event's, in UTC, so that an event that is sent again goes to the same index. */
#ifndef OMAUDITJSON_CONF_CONF_INDEX_H
#define OMAUDITJSON_CONF_CONF_INDEX_H

#include <stdint.h>

#define CONF_INDEX_SIZE 256 /* of a name, with its NUL [Elasticsearch: 255 bytes] */

/* Put the date of sec (seconds since 1970; clamped to the years 1970 to 9999) into pattern. 0;
 * -EINVAL: a conversion other than %Y %m %d %H %j %G %V; -EMSGSIZE: over 255 bytes. */
int conf_index_name(const char *pattern, int64_t sec, char out[CONF_INDEX_SIZE]);

/* What is wrong with a pattern, static text; NULL: nothing. No date makes a good one bad. */
const char *conf_index_fault(const char *pattern);

#endif
