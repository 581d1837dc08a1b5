/* SPDX-License-Identifier: Apache-2.0 */
/* The saddr= field of a SOCKADDR record, a struct sockaddr in hexadecimal, as text. Reads no byte
 * beyond what the record has, however short. */
#ifndef OMAUDITJSON_FORMAT_SOCKADDR_H
#define OMAUDITJSON_FORMAT_SOCKADDR_H

#include <stdbool.h>
#include <stddef.h>

#define SOCKADDR_BYTES 128 /* struct sockaddr_storage: the kernel takes no longer address */

struct sockaddr_text {
    const char *family; /* "inet" "inet6" "local" "netlink" ..., or the number */
    char family_number[8];
    char address[48]; /* of inet and inet6, else empty */
    char port[12];    /* of inet, inet6 and vsock, else empty */
    char scope[12];   /* of inet6: the interface of a link-local address, else empty */
    char pid[12];     /* of netlink, else empty */
    char cid[12];     /* of vsock, else empty */
    const char *path; /* of local, NULL when it has none; an abstract name begins with @ */
    size_t path_len;
    bool whole; /* all that the address says is in the members above */
    unsigned char bytes[SOCKADDR_BYTES];
};

/* False: no hexadecimal, too short for a family, or too long. */
bool sockaddr_decode(const char *hex, size_t len, bool big_endian, struct sockaddr_text *ret);

#endif
