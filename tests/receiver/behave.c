/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "behave.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum word_value { WORD_KIND, WORD_FLAG, WORD_NUMBER, WORD_SIZE, WORD_TEXT };

/* One row a word; offset is that of the member it sets. */
static const struct word {
    const char *name;
    enum word_value value;
    enum behave_kind kind;
    size_t offset;
    size_t room;
} words[] = {
    {"ok", WORD_KIND, BEHAVE_ANSWER, 0, 0},
    {"reset", WORD_KIND, BEHAVE_RESET, 0, 0},
    {"early", WORD_KIND, BEHAVE_EARLY, 0, 0},
    {"lost", WORD_KIND, BEHAVE_LOST, 0, 0},
    {"unknown", WORD_KIND, BEHAVE_UNKNOWN, 0, 0},
    {"hang", WORD_KIND, BEHAVE_HANG, 0, 0},
    {"half", WORD_KIND, BEHAVE_HALF, 0, 0},
    {"empty", WORD_FLAG, BEHAVE_ANSWER, offsetof(struct behave, empty), 0},
    {"close", WORD_FLAG, BEHAVE_ANSWER, offsetof(struct behave, close), 0},
    {"delay", WORD_NUMBER, BEHAVE_ANSWER, offsetof(struct behave, delay_ms), 0},
    {"slow-read", WORD_NUMBER, BEHAVE_ANSWER, offsetof(struct behave, slow_read_ms), 0},
    {"slow-answer", WORD_NUMBER, BEHAVE_ANSWER, offsetof(struct behave, slow_answer_ms), 0},
    {"huge", WORD_SIZE, BEHAVE_ANSWER, offsetof(struct behave, huge), 0},
    {"retry-after", WORD_TEXT, BEHAVE_ANSWER, offsetof(struct behave, retry_after), 64},
    {"body", WORD_TEXT, BEHAVE_ANSWER, offsetof(struct behave, text), 512},
    {"raw", WORD_TEXT, BEHAVE_RAW, offsetof(struct behave, text), 512},
};

void behave_plan_init(struct behave_plan *p)
{
    *p = (struct behave_plan){.mode = {.status = 200}};
}

void behave_plan_done(struct behave_plan *p)
{
    if (p == NULL)
        return;
    free(p->steps);
    p->steps = NULL;
    p->n = p->at = 0;
}

static bool parse_number(const char *text, unsigned long max, unsigned long *ret)
{
    if (!isdigit((unsigned char)*text))
        return false;
    char *end;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (errno != 0 || *end != '\0' || v > max)
        return false;
    *ret = v;
    return true;
}

static bool set_word(struct behave *b, const char *name, const char *value)
{
    unsigned long v;
    if (value == NULL && parse_number(name, 599, &v) && v >= 100) {
        b->status = (unsigned)v;
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const struct word *w = &words[i];
        if (strcmp(w->name, name) != 0)
            continue;
        char *member = (char *)b + w->offset;
        bool wants = w->value != WORD_KIND && w->value != WORD_FLAG;
        if (wants != (value != NULL))
            return false;
        switch (w->value) {
        case WORD_KIND:
            b->kind = w->kind;
            return true;
        case WORD_FLAG:
            memcpy(member, &(bool){true}, sizeof(bool));
            return true;
        case WORD_NUMBER:
            if (!parse_number(value, 3600000, &v))
                return false;
            memcpy(member, &(unsigned){(unsigned)v}, sizeof(unsigned));
            return true;
        case WORD_SIZE:
            if (!parse_number(value, 1UL << 40, &v))
                return false;
            memcpy(member, &(size_t){v}, sizeof(size_t));
            return true;
        case WORD_TEXT:
            if (w->kind != BEHAVE_ANSWER)
                b->kind = w->kind;
            return (size_t)snprintf(member, w->room, "%s", value) < w->room;
        }
    }
    return false;
}

/* "503+delay=20x3": text is ours to cut up. */
static bool parse_step(char *text, struct behave_step *ret)
{
    *ret = (struct behave_step){.what = {.status = 200}, .times = 1};
    char *x = strrchr(text, 'x');
    unsigned long times;
    if (x != NULL && x != text && parse_number(x + 1, 1000000000, &times)) {
        *x = '\0';
        ret->times = times;
    }
    bool any = false;
    for (char *word = text; *word != '\0';) {
        size_t len = strcspn(word, "+ ");
        char *value = memchr(word, '=', len);
        char *next = word + len + (word[len] != '\0');
        if (value != NULL) {
            *value++ = '\0';
            /* an answer's text may hold blanks: it takes the rest of the step */
            if (strcmp(word, "body") == 0)
                next = word + strlen(word) + 1 + strlen(value);
            else
                word[len] = '\0';
        } else {
            word[len] = '\0';
        }
        if (*word != '\0') {
            if (!set_word(&ret->what, word, value))
                return false;
            any = true;
        }
        word = next;
    }
    return any;
}

/* Steps of text, separated by sep. */
static int parse_plan(const char *text, const char *sep, struct behave_step **ret, size_t *ret_n,
                      struct buf *why)
{
    struct behave_step *steps = NULL;
    size_t n = 0;
    while (*text != '\0') {
        text += strspn(text, sep);
        size_t len = strcspn(text, sep);
        if (len == 0)
            break;
        CLEANUP_FREE char *copy = mem_strndup(text, len);
        text += len;
        if (*copy == '#')
            continue;
        struct behave_step step;
        if (!parse_step(copy, &step)) {
            (void)buf_printf(why, "not a behaviour: '%.*s'", (int)len, text - len);
            free(steps);
            return -EINVAL;
        }
        steps = mem_realloc_array(steps, n + 1, sizeof *steps);
        steps[n++] = step;
    }
    *ret = steps;
    *ret_n = n;
    return 0;
}

static int set_steps(struct behave_plan *p, const char *text, const char *sep, struct buf *why)
{
    struct behave_step *steps;
    size_t n;
    int r = parse_plan(text, sep, &steps, &n, why);
    if (r < 0)
        return r;
    behave_plan_done(p);
    p->steps = steps;
    p->n = n;
    return 0;
}

int behave_plan_set(struct behave_plan *p, const char *text, struct buf *why)
{
    return set_steps(p, text, ",", why);
}

int behave_plan_set_mode(struct behave_plan *p, const char *text, struct buf *why)
{
    struct behave_step *steps;
    size_t n;
    int r = parse_plan(text, ",", &steps, &n, why);
    if (r < 0)
        return r;
    if (n != 1) {
        (void)buf_printf(why, "a mode is one behaviour, not %zu", n);
        free(steps);
        return -EINVAL;
    }
    p->mode = steps[0].what;
    free(steps);
    return 0;
}

int behave_plan_read(struct behave_plan *p, const char *path, struct buf *why)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        int r = -errno;
        (void)buf_printf(why, "%s: %s", path, strerror(-r));
        return r;
    }
    struct buf text = BUF_INIT(1 << 20);
    char piece[4096];
    size_t n;
    int r = 0;
    while (r == 0 && (n = fread(piece, 1, sizeof piece, f)) > 0)
        r = buf_append(&text, piece, n);
    if (r == 0 && ferror(f))
        r = -EIO;
    (void)fclose(f);
    if (r == 0)
        r = set_steps(p, buf_cstr(&text), "\r\n", why);
    else
        (void)buf_printf(why, "%s: %s", path, strerror(-r));
    buf_done(&text);
    return r;
}

struct behave behave_plan_next(struct behave_plan *p)
{
    while (p->at < p->n && p->steps[p->at].times == 0)
        p->at++;
    if (p->at == p->n)
        return p->mode;
    p->steps[p->at].times--;
    return p->steps[p->at].what;
}
