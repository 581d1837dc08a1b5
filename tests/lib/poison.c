/* SPDX-License-Identifier: Apache-2.0 */
/* For LD_PRELOAD: dies of the records it is told to, as a fault in a library would make us die.
 * OAJ_POISON=SIGNAL:TEXT. A record whose text contains TEXT kills in auparse_feed(); a type name
 * that is TEXT kills when libaudit is asked for it, which is the header's reading. While the file
 * OAJ_POISON_OFF is there, nothing happens. OAJ_POISON_DEFLATE=SIGNAL:TEXT: what is compressed and
 * has the text; OAJ_POISON_POST=SIGNAL:TEXT: what is handed to libcurl and has it. */
#include "config.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static const char *poison(const char *name, int *signo)
{
    const char *what = getenv(name), *off = getenv("OAJ_POISON_OFF");
    const char *text = what ? strchr(what, ':') : NULL;

    if (!text || (off && access(off, F_OK) == 0))
        return NULL;
    *signo = strncmp(what, "KILL", 4) == 0 ? SIGKILL : SIGSEGV;
    return text + 1;
}

static void die(int signo)
{
    kill(getpid(), signo);
    pause();
}

/* libauparse's and libaudit's own; nothing else of them is needed here */
int auparse_feed(void *au, const char *data, size_t len);
int audit_name_to_msg_type(const char *name);

int auparse_feed(void *au, const char *data, size_t len)
{
    int (*real)(void *, const char *, size_t);
    int signo;
    const char *text = poison("OAJ_POISON", &signo);

    if (text && memmem(data, len, text, strlen(text)))
        die(signo);
    *(void **)&real = dlsym(RTLD_NEXT, "auparse_feed");
    return real(au, data, len);
}

int audit_name_to_msg_type(const char *name)
{
    int (*real)(const char *);
    int signo;
    const char *text = poison("OAJ_POISON", &signo);

    if (text && strcmp(name, text) == 0)
        die(signo);
    *(void **)&real = dlsym(RTLD_NEXT, "audit_name_to_msg_type");
    return real(name);
}

int deflate(z_streamp z, int flush)
{
    int (*real)(z_streamp, int);
    int signo;
    const char *text = poison("OAJ_POISON_DEFLATE", &signo);

    if (text && z->avail_in && memmem(z->next_in, z->avail_in, text, strlen(text)))
        die(signo);
    *(void **)&real = dlsym(RTLD_NEXT, "deflate");
    return real(z, flush);
}

#undef curl_easy_setopt

/* Whatever the third one is (long, pointer, curl_off_t), it is one word. */
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    static const void *body;
    CURLcode (*real)(CURL *, CURLoption, ...);
    int signo;
    const char *text;
    va_list ap;
    void *word;

    va_start(ap, option);
    word = va_arg(ap, void *);
    va_end(ap);
    if (option == CURLOPT_POSTFIELDS)
        body = word;
    /* the length comes behind it; there is no NUL at the end */
    if (option == CURLOPT_POSTFIELDSIZE_LARGE && (text = poison("OAJ_POISON_POST", &signo)) &&
        memmem(body, (size_t)word, text, strlen(text)))
        die(signo);
    *(void **)&real = dlsym(RTLD_NEXT, "curl_easy_setopt");
    return real(easy, option, word);
}
