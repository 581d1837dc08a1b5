/* SPDX-License-Identifier: Apache-2.0 */
/* A cache of user and group names from the host's passwd and group services, for records that carry
 * no names. Caches failures too: a failed lookup costs the most, and its system calls may be
 * audited. Bounded: NAMES_SLOTS users and as many groups. */
#ifndef OMAUDITJSON_EVENT_NAMES_H
#define OMAUDITJSON_EVENT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMES_SLOTS 1024 /* a power of two */
#define NAMES_SIZE 257   /* LOGIN_NAME_MAX of Linux and the NUL: a longer name counts as none */
#define NAMES_KNOWN_MS ((int64_t)300 * 1000)
#define NAMES_UNKNOWN_MS ((int64_t)60 * 1000)

/* Write the user's (group's) name with its NUL into out[size]; false: there is none. */
typedef bool names_lookup(void *ctx, uint32_t id, char *out, size_t size);

struct names;

/* lookup NULL: getpwuid_r() and getgrgid_r(); else groups have no names until names_set_groups().
 */
struct names *names_new(names_lookup *lookup, void *ctx);
void names_free(struct names *n);
void names_set_groups(struct names *n, names_lookup *lookup, void *ctx);

/* The name, or NULL; it lives until the next call. now_ms is clock_mono_ms(). */
const char *names_user(struct names *n, uint32_t uid, int64_t now_ms);
const char *names_group(struct names *n, uint32_t gid, int64_t now_ms);

#endif
