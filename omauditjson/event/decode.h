/* SPDX-License-Identifier: Apache-2.0 */
/* Values and names as the kernel and libaudit encode them. Pure functions; nothing is allocated. */
#ifndef OMAUDITJSON_EVENT_DECODE_H
#define OMAUDITJSON_EVENT_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hexadecimal of even length, as the kernel and libaudit write it or in lower case, decoded over
 * itself. Returns the length, or SIZE_MAX with the text unchanged when it is anything else. */
size_t decode_hex(char *text, size_t len);

/* The same one byte at a time: the portable version, and the reference in tests. */
size_t decode_hex_plain(char *text, size_t len);

/* Is the decoded text plain? libaudit encodes only text that is not, so acct=1234 is a number and
 * not "\x12\x34". False also if it is not hexadecimal. */
bool decode_is_plain(const char *hex, size_t len);

/* Has it a digit in lower case? Neither the kernel nor libaudit writes one. */
bool decode_has_lower(const char *hex, size_t len);

/* EXECVE's aN or aN[M]: fills index and piece (0 without [M]) and is true. */
bool decode_arg_name(const char *name, size_t len, uint64_t *index, uint64_t *piece, bool *split);

#endif
