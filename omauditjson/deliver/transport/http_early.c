/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/transport/http_early.h"

#include <linux/sockios.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

bool http_early_is_success(const char *line, size_t n)
{
    const char *blank = memchr(line, ' ', n);

    return blank && n - (size_t)(blank - line) > 1 && blank[1] == '2';
}

static curl_socket_t socket_of(CURL *easy)
{
    curl_socket_t fd = CURL_SOCKET_BAD;

    return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK ? fd : CURL_SOCKET_BAD;
}

/* Who answers well has read the request: curl has handed all of it over, and the answer's own
 * segment acknowledges what the kernel had of it. With HTTP/2 other requests share the socket. */
bool http_early_body_has_left(CURL *easy, size_t bytes)
{
    curl_off_t sent = 0;
    long version = 0;
    int queued = 0;

    if (curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent) != CURLE_OK || (size_t)sent < bytes)
        return false;
    if (curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version) != CURLE_OK ||
        (version != CURL_HTTP_VERSION_1_0 && version != CURL_HTTP_VERSION_1_1))
        return true;
    return ioctl(socket_of(easy), SIOCOUTQ, &queued) < 0 || queued == 0;
}

bool http_early_is_answered(CURL *easy)
{
    char byte, *scheme = NULL;

    return curl_easy_getinfo(easy, CURLINFO_SCHEME, &scheme) == CURLE_OK && scheme &&
           strcasecmp(scheme, "http") == 0 &&
           recv(socket_of(easy), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}
