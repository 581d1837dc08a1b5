/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/sockaddr.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* audit's own words where it has them [audit-userspace, auparse/famtab.h] */
static const struct {
    int number;
    const char *name;
} families[] = {
    {AF_UNSPEC, "unspecified"},
    {AF_UNIX, "local"},
    {AF_INET, "inet"},
    {AF_AX25, "ax25"},
    {AF_IPX, "ipx"},
    {AF_APPLETALK, "appletalk"},
    {AF_X25, "x25"},
    {AF_INET6, "inet6"},
    {AF_KEY, "key"},
    {AF_NETLINK, "netlink"},
    {AF_PACKET, "packet"},
    {AF_PPPOX, "pppox"},
    {AF_CAN, "can"},
    {AF_TIPC, "tipc"},
    {AF_BLUETOOTH, "bluetooth"},
    {AF_ALG, "alg"},
    {AF_VSOCK, "vsock"},
    {AF_QIPCRTR, "qipcrtr"},
    {AF_RXRPC, "rxrpc"},
    {AF_ISDN, "isdn"},
    {AF_PHONET, "phonet"},
    {AF_IEEE802154, "ieee802154"},
    {AF_NFC, "nfc"},
    {AF_XDP, "xdp"},
};

/* Value + 1 of a digit, 0 of anything else. */
static const unsigned char hex_digit[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static void name_family(struct sockaddr_text *t, unsigned number)
{
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if ((unsigned)families[i].number == number) {
            t->family = families[i].name;
            return;
        }
    }
    snprintf(t->family_number, sizeof(t->family_number), "%u", number);
    t->family = t->family_number;
}

/* Up to the first NUL: the kernel gives the whole buffer, with whatever lay behind the path. An
 * abstract name has its NUL first and no end but the address's; padding of NULs is cut. */
static void take_path(struct sockaddr_text *t, const unsigned char *p, size_t n)
{
    const unsigned char *nul;

    if (n == 0)
        return;
    nul = memchr(p, '\0', n);
    if (nul && nul != p)
        n = (size_t)(nul - p);
    while (n > 0 && p[n - 1] == '\0')
        n--;
    if (n == 0)
        return;
    if (*p == '\0')
        t->bytes[p - t->bytes] = '@'; /* as ss(8) and ausearch(8) have it */
    t->path = (const char *)p;
    t->path_len = n;
}

/* 32 bits as the machine has them. */
static uint32_t number_at(const unsigned char *p, bool big_endian)
{
    uint32_t n = 0;

    for (int i = 0; i < 4; i++)
        n |= (uint32_t)p[i] << 8 * (big_endian ? 3 - i : i);
    return n;
}

bool sockaddr_decode(const char *hex, size_t len, bool big_endian, struct sockaddr_text *ret)
{
    unsigned char *b = ret->bytes;
    size_t n = len / 2;
    unsigned family;

    memset(ret, 0, sizeof(*ret));
    if (len % 2 || n < 2 || n > SOCKADDR_BYTES)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned high = hex_digit[(unsigned char)hex[2 * i]];
        unsigned low = hex_digit[(unsigned char)hex[2 * i + 1]];

        if (high == 0 || low == 0)
            return false;
        b[i] = (unsigned char)((high - 1) << 4 | (low - 1));
    }
    family = big_endian ? (unsigned)b[0] << 8 | b[1] : (unsigned)b[1] << 8 | b[0];
    name_family(ret, family);
    /* port at 2, address at 4 (inet) or 8 (inet6): the same on every Linux */
    if ((family == AF_INET && n >= 8) || (family == AF_INET6 && n >= 24)) {
        if (!inet_ntop((int)family, b + (family == AF_INET ? 4 : 8), ret->address,
                       sizeof(ret->address)))
            return false;
        snprintf(ret->port, sizeof(ret->port), "%u", (unsigned)b[2] << 8 | b[3]);
        ret->whole = true;
        if (family == AF_INET6 && n >= 28 && number_at(b + 24, big_endian))
            snprintf(ret->scope, sizeof(ret->scope), "%" PRIu32, number_at(b + 24, big_endian));
    } else if (family == AF_NETLINK && n >= 8) {
        snprintf(ret->pid, sizeof(ret->pid), "%" PRIu32, number_at(b + 4, big_endian));
        ret->whole = true;
    } else if (family == AF_VSOCK && n >= 12) {
        snprintf(ret->port, sizeof(ret->port), "%" PRIu32, number_at(b + 4, big_endian));
        snprintf(ret->cid, sizeof(ret->cid), "%" PRIu32, number_at(b + 8, big_endian));
        ret->whole = true;
    } else if (family == AF_UNIX) {
        take_path(ret, b + 2, n - 2);
        ret->whole = true;
    }
    return true;
}
