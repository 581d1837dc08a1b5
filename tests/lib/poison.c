/* SPDX-License-Identifier: Apache-2.0 */
/* For LD_PRELOAD: dies of the records it is told to, as a fault in a library would make us die.
 * OAJ_POISON=HOW:TEXT; HOW is the name of a signal without SIG (KILL comes from outside), STACK,
 * LOOP, OOM (all memory, and then the real call) or EXIT. A record whose text contains TEXT kills
 * in auparse_feed(); a type name that is TEXT kills when libaudit is asked for it, which is the
 * header's reading. While the file OAJ_POISON_OFF is there, nothing happens.
 * OAJ_POISON_DEFLATE=HOW:TEXT: what is compressed and has the text; OAJ_POISON_POST=HOW:TEXT: what
 * is handed to libcurl and has it. */
#include "config.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* The program empties its environment: what is said there is read before. */
static char *off, *feed, *pack, *post;

static char *copy(const char *name)
{
    const char *text = getenv(name);

    return text ? strdup(text) : NULL;
}

__attribute__((constructor)) static void remember(void)
{
    off = copy("OAJ_POISON_OFF");
    feed = copy("OAJ_POISON");
    pack = copy("OAJ_POISON_DEFLATE");
    post = copy("OAJ_POISON_POST");
}

static const char *poison(const char *what, const char **how)
{
    const char *text = what ? strchr(what, ':') : NULL;

    if (!text || (off && access(off, F_OK) == 0))
        return NULL;
    *how = what;
    return text + 1;
}

static volatile unsigned depth;

static unsigned overflow(unsigned n) /* NOLINT(misc-no-recursion) */
{
    volatile char frame[4096];

    frame[n % sizeof(frame)] = (char)n;
    depth = n;
    return n == UINT32_MAX ? 0 : overflow(n + 1) + (unsigned)frame[depth % sizeof(frame)];
}

static void exhaust(void)
{
    for (size_t size = (size_t)1 << 20; size >= 16; size /= 2) {
        char *volatile p;

        do {
            p = malloc(size); /* not touched: it is our bound that is to be reached */
        } while (p);
    }
}

static void die(const char *how)
{
    static const struct {
        const char *name;
        int signo;
    } signals[] = {{"SEGV:", SIGSEGV}, {"BUS:", SIGBUS},   {"ILL:", SIGILL},
                   {"FPE:", SIGFPE},   {"ABRT:", SIGABRT}, {"KILL:", SIGKILL}};
    volatile unsigned n = 0;

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (strncmp(how, signals[i].name, strlen(signals[i].name)) == 0)
            kill(getpid(), signals[i].signo);
    if (strncmp(how, "STACK:", 6) == 0)
        n = overflow(0);
    if (strncmp(how, "EXIT:", 5) == 0)
        exit(3);
    while (strncmp(how, "LOOP:", 5) == 0)
        n++;
    if (strncmp(how, "OOM:", 4) == 0)
        exhaust();
}

/* libauparse's and libaudit's own; nothing else of them is needed here */
int auparse_feed(void *au, const char *data, size_t len);
int audit_name_to_msg_type(const char *name);

int auparse_feed(void *au, const char *data, size_t len)
{
    int (*real)(void *, const char *, size_t);
    const char *how, *text = poison(feed, &how);

    if (text && memmem(data, len, text, strlen(text)))
        die(how);
    *(void **)&real = dlsym(RTLD_NEXT, "auparse_feed");
    return real(au, data, len);
}

int audit_name_to_msg_type(const char *name)
{
    int (*real)(const char *);
    const char *how, *text = poison(feed, &how);

    if (text && strcmp(name, text) == 0)
        die(how);
    *(void **)&real = dlsym(RTLD_NEXT, "audit_name_to_msg_type");
    return real(name);
}

int deflate(z_streamp z, int flush)
{
    int (*real)(z_streamp, int);
    const char *how, *text = poison(pack, &how);

    if (text && z->avail_in && memmem(z->next_in, z->avail_in, text, strlen(text)))
        die(how);
    *(void **)&real = dlsym(RTLD_NEXT, "deflate");
    return real(z, flush);
}

#undef curl_easy_setopt

/* Whatever the third one is (long, pointer, curl_off_t), it is one word. */
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    static const void *body;
    CURLcode (*real)(CURL *, CURLoption, ...);
    const char *how, *text;
    va_list ap;
    void *word;

    va_start(ap, option);
    word = va_arg(ap, void *);
    va_end(ap);
    if (option == CURLOPT_POSTFIELDS)
        body = word;
    /* the length comes behind it; there is no NUL at the end */
    if (option == CURLOPT_POSTFIELDSIZE_LARGE && (text = poison(post, &how)) &&
        memmem(body, (size_t)word, text, strlen(text)))
        die(how);
    *(void **)&real = dlsym(RTLD_NEXT, "curl_easy_setopt");
    return real(easy, option, word);
}
