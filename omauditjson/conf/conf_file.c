/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: lines of key = value. Read here and not by inih, because that library as
 * distributions build it cuts values at 200 bytes and at " ;", joins indented lines to the one
 * above and does not tell the line's number. */
#include "config.h"
#include "conf/conf_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

#define FILE_BYTES_MAX (1 << 20)
#define FILE_LINE_MAX (64 << 10)

/* Keys of audisp-json.conf under their names here. file_log has its own rule: audisp-json sends
 * nothing when it is set [audisp-json 2.2.10, audisp-json.conf]. */
static const struct {
    const char *key, *name;
} legacy_keys[] = {
    {"mozdef_url", "url"},
    {"ssl_verify", "tls_verify"},
    {"curl_logfile", "log"},
    {"curl_cainfo", "ca_file"},
    {"prepend_msg", "message_before"},
    {"postpend_msg", "message_after"},
    {"file_log", "url"},
};
#define N_LEGACY (sizeof(legacy_keys) / sizeof(legacy_keys[0]))

struct reader {
    struct conf *conf;
    const char *path;
    unsigned line;
    struct conf_errors *errors;
    char *file_log; /* the value of that key, in the text being read */
    struct {
        const struct conf_option *option;
        unsigned line;
    } seen[128];
    size_t n_seen;
};

static void wrong_key(struct reader *r, const char *key, const char *text)
{
    char shown[CONF_SHOWN_SIZE];

    conf_error(r->errors, "%s:%u: key '%s': %s", r->path, r->line, conf_shown(key, shown), text);
}

static void unknown_key(struct reader *r, const char *key)
{
    size_t distance = SIZE_MAX;
    const char *best = NULL;
    const struct conf_option *o;
    struct buf text = BUF_INIT(256);

    for (size_t i = 0; (o = conf_option_at(i)) != NULL; i++)
        if (o->name && !(o->flags & CONF_FLAG_ARGV_ONLY))
            conf_near(key, o->name, &best, &distance);
    for (size_t i = 0; i < N_LEGACY; i++)
        conf_near(key, legacy_keys[i].key, &best, &distance);
    buf_append_str(&text, "unknown key");
    if (best && conf_near_enough(key, distance))
        buf_printf(&text, " (did you mean '%s'?)", best);
    wrong_key(r, key, buf_cstr(&text));
    buf_done(&text);
}

/* The line in which a key that may come only once came before; 0: this is the first. */
static unsigned seen_before(struct reader *r, const struct conf_option *o)
{
    for (size_t i = 0; i < r->n_seen; i++)
        if (r->seen[i].option == o)
            return r->seen[i].line;
    if (r->n_seen < sizeof(r->seen) / sizeof(r->seen[0])) {
        r->seen[r->n_seen].option = o;
        r->seen[r->n_seen++].line = r->line;
    }
    return 0;
}

/* add NAME = VALUE: the name stands in the key. */
static void set_added(struct reader *r, const char *name, const char *value)
{
    struct buf item = BUF_INIT(FILE_LINE_MAX + 16), why = BUF_INIT(1024);

    buf_printf(&item, "%s = %s", name, value);
    if (conf_value_set(r->conf, conf_option_find("add"), buf_cstr(&item), &why) < 0)
        wrong_key(r, "add", buf_cstr(&why));
    buf_done(&item);
    buf_done(&why);
}

static void set_key(struct reader *r, const char *key, char *value)
{
    const char *name = key;
    const struct conf_option *o;
    struct buf why = BUF_INIT(1024);
    unsigned before;

    if (strncasecmp(key, "add", 3) == 0 && (key[3] == ' ' || key[3] == '\t')) {
        set_added(r, key + 3 + strspn(key + 3, " \t"), value);
        return;
    }
    for (size_t i = 0; i < N_LEGACY; i++)
        if (strcasecmp(key, legacy_keys[i].key) == 0)
            name = legacy_keys[i].name;
    o = strchr(key, '-') ? NULL : conf_option_find(name);
    if (!o) {
        unknown_key(r, key);
        return;
    }
    if (o->flags & CONF_FLAG_ARGV_ONLY) {
        wrong_key(r, key, "only valid on the command line");
        return;
    }
    if (strcasecmp(key, "file_log") == 0) {
        if (value[0] == '/')
            r->file_log = value;
        else
            wrong_key(r, key, "requires an absolute path");
        return;
    }
    conf_option_give(r->conf, o);
    before = o->type == CONF_TYPE_LIST ? 0 : seen_before(r, o);
    if (before)
        buf_printf(&why, "set twice; first set in line %u", before);
    else
        conf_value_set(r->conf, o, value, &why);
    if (why.len)
        wrong_key(r, key, buf_cstr(&why));
    buf_done(&why);
}

static char *trim(char *s)
{
    size_t len;

    s += strspn(s, " \t\r");
    len = strlen(s);
    while (len && strchr(" \t\r", s[len - 1]))
        s[--len] = '\0';
    return s;
}

/* One pair of quotes around the whole value goes; it keeps blanks at the ends. */
static char *unquote(char *s)
{
    size_t len = strlen(s);

    if (len >= 2 && (s[0] == '"' || s[0] == '\'') && s[len - 1] == s[0] &&
        memchr(s + 1, s[0], len - 2) == NULL) {
        s[len - 1] = '\0';
        s++;
    }
    return s;
}

static void read_line(struct reader *r, char *line)
{
    char *value = strchr(line, '='), *key = trim(line);

    if (!*key || *key == '#' || *key == ';')
        return;
    if (*key == '[') {
        conf_error(r->errors, "%s:%u: sections are not supported; remove this line", r->path,
                   r->line);
        return;
    }
    if (!value || value == key) {
        /* The text is not shown: it may be the tail of a secret. */
        conf_error(r->errors, "%s:%u: not of the form key = value", r->path, r->line);
        return;
    }
    *value++ = '\0';
    set_key(r, trim(key), unquote(trim(value)));
}

static void read_text(struct reader *r, char *text)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    for (char *next; text; text = next) {
        next = strchr(text, '\n');
        if (next)
            *next++ = '\0';
        r->line++;
        if (strlen(text) > FILE_LINE_MAX)
            conf_error(r->errors, "%s:%u: the line is longer than 64 KiB", r->path, r->line);
        else
            read_line(r, text);
    }
}

/* audisp-json wrote to the file instead of sending; /dev/stdout was its terminal and would be
 * rsyslog's wire here. */
static void apply_file_log(struct reader *r)
{
    struct buf url = BUF_INIT(FILE_LINE_MAX + 16), why = BUF_INIT(256);

    if (!r->file_log)
        return;
    conf_value_reset(r->conf, conf_option_find("url"));
    if (strcmp(r->file_log, "/dev/stdout") == 0) {
        r->conf->receiver = CONF_RECEIVER_STDOUT;
    } else {
        r->conf->receiver = CONF_RECEIVER_FILE;
        buf_printf(&url, "file://%s", r->file_log);
        if (conf_value_set(r->conf, conf_option_find("url"), buf_cstr(&url), &why) < 0)
            wrong_key(r, "file_log", buf_cstr(&why));
    }
    buf_done(&url);
    buf_done(&why);
}

/* The whole file into text. 0 or -errno. */
static int slurp(int fd, struct buf *text)
{
    for (;;) {
        char chunk[8192];
        ssize_t n = read(fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return 0;
        if (buf_append(text, chunk, (size_t)n) < 0)
            return -EFBIG;
    }
}

bool conf_file_read(struct conf *c, const char *path, bool must_exist, struct conf_errors *e)
{
    struct reader r = {.conf = c, .path = path, .errors = e};
    struct buf text = BUF_INIT(FILE_BYTES_MAX);
    bool done = false;
    struct stat st;
    int err;
    /* O_NONBLOCK: a FIFO without a writer must not hold the start up. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        if (!must_exist && (errno == ENOENT || errno == ENOTDIR))
            return true;
        conf_error(e, "%s: cannot be read: %s", path, err_text(-errno));
        return false;
    }
    if (fstat(fd, &st) < 0)
        conf_error(e, "%s: cannot be read: %s", path, err_text(-errno));
    else if (S_ISDIR(st.st_mode))
        conf_error(e, "%s: is a directory; name a file", path);
    else if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
        conf_error(e, "%s: not a regular file; name a file", path);
    else if ((err = slurp(fd, &text)) == -EFBIG)
        conf_error(e, "%s: larger than 1 MiB; name a configuration file", path);
    else if (err < 0)
        conf_error(e, "%s: cannot be read: %s", path, err_text(err));
    else if (text.len && memchr(text.data, '\0', text.len))
        conf_error(e, "%s: contains a NUL byte; name a text file", path);
    else {
        conf_value_reset(c, conf_option_find("config"));
        c->config = mem_strdup(path);
        buf_cstr(&text); /* ends it in NUL */
        read_text(&r, text.data);
        apply_file_log(&r);
        done = true;
    }
    close(fd);
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buf_done(&text);
    return done;
}

int conf_read_file(struct conf *c, const char *path, struct buf *errors)
{
    struct conf_errors e = {.out = errors};

    conf_file_read(c, path, true, &e);
    return e.n ? ERR_CONFIG : 0;
}
