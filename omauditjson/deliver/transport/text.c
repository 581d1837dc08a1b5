/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/transport/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

size_t text_utf8_len(const char *str, size_t n)
{
    const unsigned char *s = (const unsigned char *)str;
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if (len == 0 || len > n || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return len;
}

char *text_url(const char *url)
{
    const char *host = strstr(url, "://");
    size_t scheme, rest;
    char *out;

    /* one that stands further on belongs to a path or a query */
    host = host && url + strcspn(url, "/?#@") == host + 1 ? host + 3 : url;
    scheme = (size_t)(host - url);
    /* As curl does: userinfo ends at the last @ before the path. */
    rest = strcspn(host, "/?#");
    for (size_t i = rest; i > 0; i--)
        if (host[i - 1] == '@') {
            host += i;
            break;
        }
    rest = strcspn(host, "?#");
    out = mem_alloc(scheme + rest + 1);
    memcpy(out, url, scheme);
    memcpy(out + scheme, host, rest);
    out[scheme + rest] = '\0';
    return out;
}

void text_excerpt(const char *body, size_t len, char *out, size_t size)
{
    bool markup = false, blank = true;
    size_t o = 0, i = 0;

    while (i < len && isspace((unsigned char)body[i]))
        i++;
    markup = i < len && body[i] == '<';
    while (i < len && o + 5 < size) {
        size_t n = text_utf8_len(body + i, len - i);
        unsigned char c = (unsigned char)body[i];

        if (markup && c == '<') {
            while (i < len && body[i] != '>')
                i++;
            i += i < len;
            c = ' ';
            n = 0;
        } else {
            i += n ? n : 1;
        }
        if (c <= 0x20 || c == 0x7f) {
            if (!blank)
                out[o++] = ' ';
            blank = true;
            continue;
        }
        blank = false;
        if (n == 0)
            out[o++] = '?';
        for (size_t k = i - n; k < i; k++)
            out[o++] = body[k];
    }
    if (o > 0 && out[o - 1] == ' ')
        o--;
    out[o] = '\0';
}

bool text_header_is(const char *header, const char *name)
{
    size_t n = strlen(name);

    return strncasecmp(header, name, n) == 0 && (header[n] == ':' || header[n] == ';');
}

bool text_trace_line(const struct conf_list *headers, const char *line, size_t n, char *out,
                     size_t size)
{
    /* Anywhere in the line: HTTP/2 is shown as "[authorization: ...]". */
    static const char *const secret[] = {"authorization", "cookie", " with user '"};
    size_t len = n < size - 1 ? n : size - 1;
    char *query;

    memcpy(out, line, len);
    out[len] = '\0';
    for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
        if (strcasestr(out, secret[i]))
            return false;
    for (size_t i = 0; i < headers->n; i++) {
        size_t name = strcspn(headers->item[i], ":;");

        for (const char *p = out; strlen(p) > name; p++)
            if (name > 0 && strncasecmp(p, headers->item[i], name) == 0 && p[name] == ':')
                return false;
    }
    query = strchr(out, '?');
    if (query)
        *query = '\0';
    return true;
}
