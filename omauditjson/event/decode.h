/* SPDX-License-Identifier: Apache-2.0 */
/* Values and names as the kernel and libaudit encode them. Pure functions; nothing is allocated. */
#ifndef OMAUDITJSON_EVENT_DECODE_H
#define OMAUDITJSON_EVENT_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Upper-case hexadecimal of even length, as the kernel and libaudit write it, decoded over itself.
 * Returns the length, or SIZE_MAX with the text unchanged when it is anything else. */
size_t decode_hex(char *text, size_t len);

/* The same a byte at a time: for processors that know nothing better, and as the measure of the
 * other. */
size_t decode_hex_plain(char *text, size_t len);

/* Would the decoded text be plain? Then libaudit would not have encoded it: a program's own
 * acct=1234 is a number and not "\x12\x34". False also for what is no hexadecimal. */
bool decode_is_plain(const char *hex, size_t len);

/* EXECVE's aN or aN[M]: fills index and piece (0 without [M]) and is true. */
bool decode_arg_name(const char *name, size_t len, uint64_t *index, uint64_t *piece, bool *split);

#endif
