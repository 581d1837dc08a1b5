/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets: the files that hold one, what else may, and who may read it. */
#include "config.h"
#include "conf/conf_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

#define SECRET_MAX (64 << 10)

int conf_secret_read(const char *path, char **ret)
{
    char data[SECRET_MAX + 1];
    struct stat st;
    size_t len = 0;
    ssize_t n = 0;
    int r = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        r = -errno;
    else if (S_ISDIR(st.st_mode))
        r = -EISDIR;
    else if (!S_ISREG(st.st_mode))
        r = -EINVAL;
    else if (st.st_mode & (S_IROTH | S_IWOTH))
        r = -EPERM;
    while (r == 0 && len < sizeof(data)) {
        n = read(fd, data + len, sizeof(data) - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    if (r == 0 && n < 0)
        r = -errno;
    close(fd);
    if (r == 0 && len > SECRET_MAX)
        r = -EMSGSIZE;
    if (r == 0) {
        const char *end = memchr(data, '\n', len);
        size_t line = end ? (size_t)(end - data) : len;

        if (line && data[line - 1] == '\r')
            line--;
        if (line == 0)
            r = -ENODATA;
        else if (memchr(data, '\0', line))
            r = -EINVAL;
        else
            *ret = mem_strndup(data, line);
    }
    explicit_bzero(data, sizeof(data));
    return r;
}

void conf_secret_free(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

/* -- credentials in other options -------------------------------------------------------------- */

/* Names of headers and of parameters in a query go by what is in them: X-Api-Key, access_token. */
static bool has_secret_word(const char *text, size_t len)
{
    static const char *const words[] = {"auth", "cookie", "key",       "passw",
                                        "pwd",  "secret", "signature", "token"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (size_t k = 0, n = strlen(words[i]); k + n <= len; k++)
            if (strncasecmp(text + k, words[i], n) == 0)
                return true;
    return false;
}

bool conf_has_credential(const struct conf_option *o, const char *text)
{
    const char *host;

    if (!(o->flags & CONF_FLAG_SECRET))
        return false;
    if (strcmp(o->name, "header") == 0)
        return has_secret_word(text, strcspn(text, ":"));
    host = strstr(text, "://");
    host = host ? host + 3 : text;
    if (memchr(host, '@', strcspn(host, "/?#")))
        return true;
    host += strcspn(host, "?");
    return has_secret_word(host, strlen(host));
}

bool conf_list_has_credential(const char *name, const struct conf_list *list)
{
    const struct conf_option *o = conf_option_find(name);
    bool found = false;

    for (size_t i = 0; i < list->n; i++)
        found = found || conf_has_credential(o, list->item[i]);
    return found;
}

bool conf_is_http(const struct conf *c)
{
    return c->receiver != CONF_RECEIVER_FILE && c->receiver != CONF_RECEIVER_STDOUT;
}

/* -- who may read them ------------------------------------------------------------------------- */

static bool others_may_touch(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IROTH | S_IWOTH));
}

static void check_secret(const char *key, const char *path, struct conf_errors *e)
{
    char *secret = NULL;
    int r = path ? conf_secret_read(path, &secret) : 0;

    if (r == -EPERM)
        conf_error(e, "configuration: key '%s': %s: readable for others; run chmod o= %s", key,
                   path, path);
    else if (r == -ENODATA)
        conf_error(e,
                   "configuration: key '%s': %s: first line is empty; write the credential there",
                   key, path);
    else if (r < 0)
        conf_error(e, "configuration: key '%s': %s: %s", key, path, err_text(r));
    conf_secret_free(secret);
}

/* A file with a key in PEM; client_cert may be one. That it cannot be read is said by others. */
static void check_key(const char *key, const char *path, struct conf_errors *e)
{
    char text[64 << 10];
    ssize_t n = 0;
    int fd;

    if (!path || !others_may_touch(path))
        return;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0) {
        n = read(fd, text, sizeof(text));
        close(fd);
    }
    if (n > 0 && memmem(text, (size_t)n, "PRIVATE KEY-----", 16))
        conf_error(
            e, "configuration: key '%s': %s: private key is readable for others; run chmod o= %s",
            key, path, path);
    explicit_bzero(text, sizeof(text));
}

/* The command line takes no credential: what is there came from the file. */
static void check_file(const struct conf *c, struct conf_errors *e)
{
    const struct conf_option *proxy = conf_option_find("proxy");
    const char *key = NULL;

    if (conf_list_has_credential("header", &c->header))
        key = "header";
    else if (c->proxy && conf_has_credential(proxy, c->proxy))
        key = "proxy";
    else if (conf_list_has_credential("url", &c->url))
        key = "url";
    if (key && c->config && others_may_touch(c->config))
        conf_error(
            e,
            "configuration: key '%s': contains a credential, and %s is readable for others; run "
            "chmod o= %s",
            key, c->config, c->config);
}

int conf_check_secrets(const struct conf *c, struct buf *errors)
{
    struct conf_errors e = {.out = errors};

    if (conf_is_http(c)) {
        check_secret("bearer_file", c->bearer_file, &e);
        check_secret("user_file", c->user_file, &e);
        check_key("client_key", c->client_key, &e);
        check_key("client_cert", c->client_cert, &e);
        check_file(c, &e);
    }
    return e.n ? ERR_CONFIG : 0;
}
