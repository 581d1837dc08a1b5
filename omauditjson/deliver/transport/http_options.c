/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/transport/http_options.h"

#include <errno.h>
#include <string.h>

#include "conf/conf.h"
#include "base/err.h"
#include "base/log.h"
#include "deliver/transport/text.h"

static int on_trace(CURL *easy, curl_infotype type, char *data, size_t n, void *ctx)
{
    const struct http_context *context = ctx;
    const char mark = type == CURLINFO_HEADER_OUT ? '>' : type == CURLINFO_HEADER_IN ? '<' : '*';
    char line[512];

    (void)easy;
    if (type != CURLINFO_TEXT && type != CURLINFO_HEADER_OUT && type != CURLINFO_HEADER_IN)
        return 0;
    for (size_t i = 0, len; i < n; i += len + 1) {
        const char *end = memchr(data + i, '\n', n - i);

        len = end ? (size_t)(end - data) - i : n - i;
        if (len <= 1 || !text_trace_line(&(*context->conf)->header, data + i,
                                         len - (data[i + len - 1] == '\r'), line, sizeof(line)))
            continue;
        conceal_apply(&context->secrets, line, strlen(line));
        log_debug("curl %c %s", mark, line);
    }
    return 0;
}

/* CURLE_OK where the string is not set. */
static CURLcode set_string(CURL *easy, CURLoption option, const char *value)
{
    return value ? curl_easy_setopt(easy, option, value) : CURLE_OK;
}

static int set_secrets(CURL *easy, const struct conf *conf, struct conceal *secrets,
                       struct buf *error)
{
    const char *path = conf->bearer_file ? conf->bearer_file : conf->user_file;
    char *secret = NULL;
    CURLcode code;
    int r;

    conceal_add_conf(secrets, conf);
    if (!path)
        return 0;
    r = conf_secret_read(path, &secret);
    if (r < 0) {
        buf_printf(error, "%s %s: %s", conf->bearer_file ? "bearer_file" : "user_file", path,
                   err_text(r));
        return r;
    }
    if (conf->bearer_file) {
        conceal_add(secrets, secret, strlen(secret));
        code = curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        if (code == CURLE_OK)
            code = curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, secret);
    } else {
        conceal_add_user(secrets, secret, strlen(secret));
        code = curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        if (code == CURLE_OK)
            code = curl_easy_setopt(easy, CURLOPT_USERPWD, secret);
    }
    conf_secret_free(secret);
    if (code == CURLE_OK)
        return 0;
    buf_printf(error, "curl: %s", curl_easy_strerror(code));
    return -ENOTSUP;
}

#define SET_STRING(option, value)                   \
    do {                                            \
        if (code == CURLE_OK)                       \
            code = set_string(easy, option, value); \
    } while (0)

static CURLcode set_tls(CURL *easy, const struct conf *conf)
{
    CURLcode code = CURLE_OK;

    SET(CURLOPT_SSLVERSION, conf->tls_min == CONF_TLS_1_3 ? (long)CURL_SSLVERSION_TLSv1_3
                                                          : (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, conf->tls_verify ? 1L : 0L);
    SET(CURLOPT_SSL_VERIFYHOST, conf->tls_verify ? 2L : 0L);
    if (conf->ca_file || conf->ca_dir) {
        /* Whom the operator names is trusted, and nobody else: curl would add the system's. */
        SET(CURLOPT_CAINFO, conf->ca_file);
        SET(CURLOPT_CAPATH, conf->ca_dir);
    }
#if LIBCURL_VERSION_NUM >= 0x075700
    SET(CURLOPT_CA_CACHE_TIMEOUT, 0L); /* a corrected file counts at the next connection */
#endif
    SET_STRING(CURLOPT_SSLCERT, conf->client_cert);
    SET_STRING(CURLOPT_SSLKEY, conf->client_key);
    SET(CURLOPT_KEYPASSWD, ""); /* a key with a passphrase must not ask the terminal for it */
    SET_STRING(CURLOPT_PINNEDPUBLICKEY, conf->tls_pin);
    return code;
}

static CURLcode set_options(CURL *easy, struct http_context *context)
{
    const struct conf *conf = *context->conf;
    CURLcode code = set_tls(easy, conf);

    SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_USERAGENT, "omauditjson/" PACKAGE_VERSION);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)conf->connect_timeout);
    SET(CURLOPT_TIMEOUT_MS, (long)conf->timeout);
    /* The proxy is what the options say, whatever the environment holds. */
    SET(CURLOPT_PROXY, conf->proxy ? conf->proxy : "");
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_POST, 1L);
    if (conf->curl_verbose) {
        SET(CURLOPT_DEBUGFUNCTION, on_trace);
        SET(CURLOPT_DEBUGDATA, context);
        SET(CURLOPT_VERBOSE, 1L);
    }
    return code;
}

int http_options_set(CURL *easy, struct http_context *context, struct buf *error)
{
    CURLcode code = set_options(easy, context);

    if (code == CURLE_OK)
        return set_secrets(easy, *context->conf, &context->secrets, error);
    buf_printf(error, "curl: %s", curl_easy_strerror(code));
    return -ENOTSUP;
}
