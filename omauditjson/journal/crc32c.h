/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of journal entries. Uses the CPU's
 * instruction where there is one, tables elsewhere; both give the same value. */
#ifndef OMAUDITJSON_JOURNAL_CRC32C_H
#define OMAUDITJSON_JOURNAL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continue crc (0 or any seed at first) over len bytes. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

/* The value that crc32c() was given to come to crc over these bytes. */
uint32_t crc32c_back(uint32_t crc, const void *data, size_t len);

/* The table version alone, for the test that compares the two. */
uint32_t crc32c_table(uint32_t crc, const void *data, size_t len);

#endif
