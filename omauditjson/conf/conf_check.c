/* SPDX-License-Identifier: Apache-2.0 */
/* What only several options together can get wrong. */
#include "config.h"
#include "conf/conf_table.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "base/err.h"
#include "conf/conf_index.h"

#define SPLUNK_NAME_MAX 64 /* RECEIVER_FRAME_MAX has room for it */

static bool takes_index(const struct conf *c)
{
    return c->receiver == CONF_RECEIVER_ELASTICSEARCH || c->receiver == CONF_RECEIVER_OPENSEARCH;
}

/* Of a URL for _bulk, from its path on. */
static const char *bulk_url_fault(const struct conf *c, const char *path)
{
    static const char end[] = "/_bulk";
    size_t len = strcspn(path, "?#");

    if (len < sizeof(end) - 1 || memcmp(path + len - (sizeof(end) - 1), end, sizeof(end) - 1) != 0)
        return "must end with /_bulk, such as https://HOST:9200/_bulk";
    if (len == sizeof(end) - 1 && !c->index)
        return "names no index; set index, or write https://HOST:9200/INDEX/_bulk";
    return NULL;
}

/* What is wrong with an URL, never with the URL's text: it may hold a password. */
static const char *url_fault(const struct conf *c, const char *url)
{
    const char *host;
    size_t host_len;

    for (const char *p = url; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return "contains a blank or a control character";
    if (c->receiver == CONF_RECEIVER_FILE) {
        if (strncasecmp(url, "file:///", 8) != 0 || !url[8])
            return "receiver = file requires file:///PATH";
        if (strncmp(url + 7, "/dev/stdout", 11) == 0 || strncmp(url + 7, "/dev/fd/", 8) == 0 ||
            strncmp(url + 7, "/proc/self/fd/", 14) == 0)
            return "standard output is reserved for rsyslog; use receiver = stdout outside rsyslog";
        return NULL;
    }
    if (strncasecmp(url, "http://", 7) == 0)
        host = url + 7;
    else if (strncasecmp(url, "https://", 8) == 0)
        host = url + 8;
    else if (strncasecmp(url, "file://", 7) == 0)
        return "file:// requires receiver = file";
    else
        return "must begin with http:// or https://";
    host_len = strcspn(host, "/?#");
    if (memchr(host, '@', host_len))
        return "contains a user name; put USER:PASSWORD into a file and set user_file to it";
    if (host_len == 0 || host[0] == ':')
        return "has no host";
    return takes_index(c) ? bulk_url_fault(c, host + host_len) : NULL;
}

static void check_urls(const struct conf *c, struct conf_errors *e)
{
    if (c->receiver == CONF_RECEIVER_STDOUT) {
        if (c->url.n)
            conf_error(e, "configuration: key 'url': not used with receiver = stdout; remove it");
        return;
    }
    if (c->url.n == 0)
        conf_error(e, "configuration: key 'url': missing; set it to the receiver, for example "
                      "url = https://mozdef.example.com/events");
    if (c->receiver == CONF_RECEIVER_FILE && c->url.n > 1)
        conf_error(e, "configuration: key 'url': receiver = file accepts only one");
    for (size_t i = 0; i < c->url.n; i++) {
        const char *fault = url_fault(c, c->url.item[i]);

        if (fault)
            conf_error(e, "configuration: key 'url' (number %zu): %s", i + 1, fault);
    }
}

/* RFC 9110: a token, a colon, a value without control characters. */
static const char *header_fault(const char *header)
{
    static const char *const ours[] = {"Content-Length", "Transfer-Encoding", "Content-Encoding",
                                       "Connection"};
    size_t len = 0;

    while (isalnum((unsigned char)header[len]) ||
           (header[len] && strchr("!#$%&'*+-.^_`|~", header[len])))
        len++;
    if (len == 0 || header[len] != ':')
        return "not of the form NAME: VALUE";
    if (!header[len + 1 + strspn(header + len + 1, " \t")])
        return "has no value";
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strlen(ours[i]) == len && strncasecmp(header, ours[i], len) == 0)
            return "this header is set by the transfer itself; remove it";
    for (const char *p = header + len + 1; *p; p++)
        if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
            return "contains a control character";
    return NULL;
}

static void check_http(const struct conf *c, struct conf_errors *e)
{
    for (size_t i = 0; i < c->header.n; i++) {
        const char *fault = header_fault(c->header.item[i]);

        if (fault)
            conf_error(e, "configuration: key 'header' (number %zu): %s", i + 1, fault);
    }
    if (c->client_key && !c->client_cert)
        conf_error(e, "configuration: key 'client_key': requires client_cert");
    if (c->bearer_file && c->user_file)
        conf_error(
            e, "configuration: key 'bearer_file': cannot be combined with user_file; remove one");
    if (c->tls_pin && strncmp(c->tls_pin, "sha256//", 8) != 0)
        conf_error(e, "configuration: key 'tls_pin': not of the form sha256//BASE64");
    if (c->retry_min > c->retry_max)
        conf_error(e, "configuration: key 'retry_min': must not exceed retry_max");
#ifndef HAVE_ZSTD
    if (c->compress == CONF_COMPRESS_ZSTD)
        conf_error(e, "configuration: key 'compress': this build has no zstd support; use gzip");
#endif
    if (c->compress != CONF_COMPRESS_NONE &&
        (c->receiver == CONF_RECEIVER_MOZDEF || c->receiver == CONF_RECEIVER_MOZDEF_BULK))
        conf_error(e, "configuration: key 'compress': MozDef accepts no compression; for a proxy "
                      "that decompresses use receiver = single, json-array or ndjson");
}

/* [Splunk, "Create custom indexes"] */
static const char *splunk_index_fault(const char *index)
{
    if (strlen(index) > SPLUNK_NAME_MAX)
        return "an index name of more than 64 bytes is not supported";
    if (index[0] == '_' || index[0] == '-')
        return "an index name must not begin with _ or -";
    if (index[strspn(index, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
        return "an index name of Splunk has only lower-case letters, digits, _ and -";
    return NULL;
}

/* What stands in each event, in quotes. */
static void check_splunk_text(const char *key, const char *text, struct conf_errors *e)
{
    bool good = strlen(text) <= SPLUNK_NAME_MAX;

    for (const char *p = text; *p; p++)
        good =
            good && (unsigned char)*p >= ' ' && (unsigned char)*p < 0x7f && *p != '"' && *p != '\\';
    if (!good)
        conf_error(
            e, "configuration: key '%s': must be at most 64 bytes of ASCII without \" and \\", key);
}

static void check_splunk(const struct conf *c, struct conf_errors *e)
{
    if (c->receiver == CONF_RECEIVER_SPLUNK_HEC) {
        check_splunk_text("source", c->source, e);
        check_splunk_text("sourcetype", c->sourcetype, e);
        if (c->compress == CONF_COMPRESS_ZSTD)
            conf_error(e, "configuration: key 'compress': Splunk accepts gzip only");
        return;
    }
    if (conf_option_given(c, conf_option_find("source")))
        conf_error(e, "configuration: key 'source': requires receiver = splunk-hec");
    if (conf_option_given(c, conf_option_find("sourcetype")))
        conf_error(e, "configuration: key 'sourcetype': requires receiver = splunk-hec");
}

static void check_index(const struct conf *c, struct conf_errors *e)
{
    bool splunk = c->receiver == CONF_RECEIVER_SPLUNK_HEC;
    const char *fault = NULL;

    if (c->index)
        fault = splunk ? splunk_index_fault(c->index) : conf_index_fault(c->index);
    if (c->index && !takes_index(c) && !splunk)
        conf_error(e, "configuration: key 'index': requires receiver = elasticsearch, opensearch "
                      "or splunk-hec");
    else if (fault)
        conf_error(e, "configuration: key 'index': %s", fault);
    if (takes_index(c) && c->compress == CONF_COMPRESS_ZSTD)
        conf_error(e,
                   "configuration: key 'compress': Elasticsearch and OpenSearch accept gzip only");
}

/* What a server gets as JSON must stay JSON with the text around it; a file may have any text. */
static void check_message(const struct conf *c, struct conf_errors *e)
{
    struct buf text = BUF_INIT(256 << 10);
    enum json_tokener_error err;
    struct json_object *doc;

    if ((!c->message_before && !c->message_after) || !conf_is_http(c))
        return;
    buf_printf(&text, "%s{}%s", c->message_before ? c->message_before : "",
               c->message_after ? c->message_after : "");
    doc = json_tokener_parse_verbose(buf_cstr(&text), &err);
    if (!doc)
        conf_error(e, "configuration: key 'message_before': message_before, an event and "
                      "message_after together are not valid JSON; correct them");
    json_object_put(doc);
    buf_done(&text);
}

void conf_check_all(const struct conf *c, enum conf_command command, struct conf_errors *e)
{
    if (strcmp(c->begin_mark, c->commit_mark) == 0)
        conf_error(e, "configuration: key 'begin_mark': must differ from commit_mark");
    if (command == CONF_CONVERT || command == CONF_DEADLETTER || command == CONF_JOURNAL)
        return;
    if (c->pretty)
        conf_error(e, "command line: option '--pretty': only valid with the command convert");
    check_urls(c, e);
    check_http(c, e);
    check_index(c, e);
    check_splunk(c, e);
    conf_check_clear(c, e);
    check_message(c, e);
    /* An event may fill a good part of the window; more open ones must find room beside it, or
     * nothing could end and be delivered and the window would never empty. */
    if (c->window / 4 < c->max_event)
        conf_error(e,
                   "configuration: key 'window': must be at least four times max_event (%" PRIu64
                   " bytes)",
                   c->max_event);
}

int conf_check(const struct conf *c, enum conf_command command, struct buf *errors)
{
    struct conf_errors e = {.out = errors};

    conf_check_all(c, command, &e);
    return e.n ? ERR_CONFIG : 0;
}
