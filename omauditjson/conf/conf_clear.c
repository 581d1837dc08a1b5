/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials on a connection without TLS: whoever is on the way reads them, and can then write
 * events of his own. */
#include "config.h"
#include "conf/conf_table.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* A name is loopback when it says so itself: localhost and what ends in .localhost, which no
 * resolver is asked for [RFC 6761, and libcurl]. Any other one is what the DNS makes of it, today.
 * Of numbers only the usual spelling counts. */
static bool is_loopback(const char *host, size_t len)
{
    static const char name[] = "localhost";
    const size_t name_len = sizeof(name) - 1;
    char text[INET6_ADDRSTRLEN];
    struct in6_addr six;
    struct in_addr four;

    if (len > 0 && host[len - 1] == '.')
        len--;
    if (len >= name_len && strncasecmp(host + len - name_len, name, name_len) == 0)
        return len == name_len || host[len - name_len - 1] == '.';
    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    if (len >= sizeof(text))
        return false;
    memcpy(text, host, len);
    text[len] = '\0';
    if (inet_pton(AF_INET, text, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool url_is_loopback(const char *url)
{
    const char *host = strstr(url, "://"), *at, *end;
    size_t len;

    host = host ? host + 3 : url;
    end = host + strcspn(host, "/?#");
    for (at = host; at < end; at++)
        if (*at == '@')
            host = at + 1;
    len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
    return host + len <= end && is_loopback(host, len);
}

static const char *credential(const struct conf *c, const char *url)
{
    if (c->bearer_file)
        return "bearer_file";
    if (c->user_file)
        return "user_file";
    if (conf_list_has_credential("header", &c->header))
        return "header";
    return conf_has_credential(conf_option_find("url"), url) ? "url" : NULL;
}

void conf_check_clear(const struct conf *c, struct conf_errors *e)
{
    if (c->insecure_credentials || !conf_is_http(c))
        return;
    for (size_t i = 0; i < c->url.n; i++) {
        const char *url = c->url.item[i], *key = credential(c, url);

        /* Behind a proxy, loopback is the proxy's. */
        if (!key || strncasecmp(url, "http://", 7) != 0 ||
            (url_is_loopback(url) && (!c->proxy || url_is_loopback(c->proxy))))
            continue;
        conf_error(
            e,
            "configuration: key 'url' (number %zu): http:// would send the credential of '%s' "
            "in clear text; use https:// or set insecure_credentials = yes",
            i + 1, key);
    }
    if (c->proxy && conf_has_credential(conf_option_find("proxy"), c->proxy) &&
        strncasecmp(c->proxy, "https://", 8) != 0 && !url_is_loopback(c->proxy))
        conf_error(e,
                   "configuration: key 'proxy': its password would be sent in clear text; use an "
                   "https:// proxy or set insecure_credentials = yes");
}
