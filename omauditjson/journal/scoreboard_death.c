/* SPDX-License-Identifier: Apache-2.0 */
/* What we die of, written into the page on the way down; and what makes us die when nothing else
 * would. All of it runs in signal handlers, on a stack of its own (ours may be what overflowed).
 * Needs of a filter for system calls: rt_sigaction, rt_sigreturn, rt_sigprocmask, sigaltstack,
 * setitimer, getpid, gettid, tgkill, write. */
#include "config.h"
#include "journal/scoreboard_death.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"

#define STACK_BYTES ((size_t)64 << 10)

/* SIGSYS: a filter for system calls that says no; SIGTRAP: some machines' __builtin_trap(). */
static const int deadly[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};
#define N_DEADLY (sizeof(deadly) / sizeof(deadly[0]))

static struct scoreboard_page *volatile guarded;
static size_t guarded_bytes;
static struct sigaction former[N_DEADLY];
static bool installed;
static uint64_t ticked_take;
static unsigned ticks, watched_ms;

static void mark(enum scoreboard_mark how, int signo)
{
    struct scoreboard_page *p = guarded;

    if (!p || p->stage == SCOREBOARD_NOTHING || p->mark != SCOREBOARD_UNMARKED)
        return;
    p->signo = (uint32_t)signo;
    atomic_signal_fence(memory_order_seq_cst);
    p->mark = how;
    atomic_signal_fence(memory_order_seq_cst);
}

/* ---- crashes ----------------------------------------------------------------------------------
 */

/* A store into a mapped file can meet a file system without room or one that has gone read-only;
 * the kernel's word for that is SIGBUS. Memory of our own takes the page's place then and the store
 * is done again. */
static bool replace_page(const siginfo_t *info)
{
    char *at = info->si_addr, *from = (char *)guarded;

    return info->si_code > 0 && from && at >= from && at < from + guarded_bytes &&
           mmap(from, guarded_bytes, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

static void on_crash(int signo, siginfo_t *info, void *context)
{
    bool ours = info->si_code > 0 || info->si_pid == getpid(); /* and not somebody's kill -SEGV */
    int saved = errno;
    size_t i = 0;

    (void)context;
    if (signo == SIGBUS && replace_page(info)) {
        errno = saved;
        return;
    }
    /* curl's resolver has a thread; what the main one has in process is not to blame for that. */
    if (ours && syscall(SYS_gettid) == getpid())
        mark(SCOREBOARD_CRASHED, signo);
    while (deadly[i] != signo)
        i++;
    (void)sigaction(signo, &former[i], NULL);
    /* A fault comes again with its instruction, the others do not. */
    if (info->si_code <= 0 || signo == SIGABRT || signo == SIGSYS || signo == SIGTRAP)
        (void)raise(signo);
    errno = saved;
}

static void install_stack(void)
{
    stack_t old, own = {.ss_size = STACK_BYTES};

    if (sigaltstack(NULL, &old) == 0 && !(old.ss_flags & SS_DISABLE))
        return; /* a sanitizer's, which takes it away again by itself */
    own.ss_sp = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own.ss_sp != MAP_FAILED)
        (void)sigaltstack(&own, NULL);
}

static void on_exhausted(void)
{
    mark(SCOREBOARD_EXHAUSTED, 0);
}

static void on_exit_by_others(void)
{
    mark(SCOREBOARD_EXITED, 0);
}

static void install(void)
{
    struct sigaction sa = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigset_t set;

    install_stack();
    sigemptyset(&sa.sa_mask);
    sigemptyset(&set);
    for (size_t i = 0; i < N_DEADLY; i++) {
        (void)sigaction(deadly[i], &sa, &former[i]);
        if (former[i].sa_handler == SIG_IGN)
            former[i].sa_handler = SIG_DFL;
        sigaddset(&set, deadly[i]);
    }
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL); /* a fault while it is blocked asks no handler */
    mem_on_exhausted(on_exhausted);
    (void)atexit(on_exit_by_others);
    installed = true;
}

void scoreboard_death_guard(struct scoreboard_page *page, size_t bytes)
{
    guarded = NULL;
    guarded_bytes = bytes;
    guarded = page;
    if (page && !installed)
        install();
}

/* ---- no progress ------------------------------------------------------------------------------
 */

static void on_tick(int signo)
{
    static const char text[] =
        "omauditjson: no progress for a long time; exiting; the next start determines the cause\n";
    const struct scoreboard_page *p = guarded;
    int saved = errno;

    (void)signo;
    if (!p || p->stage == SCOREBOARD_NOTHING || p->takes != ticked_take) {
        ticked_take = p ? p->takes : 0;
        ticks = 0;
    } else if (++ticks >= SCOREBOARD_DEATH_TICKS) {
        ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

        (void)ignored;
        mark(SCOREBOARD_LOOPED, 0);
        (void)signal(SIGABRT, SIG_DFL);
        (void)raise(SIGABRT);
    }
    errno = saved;
}

void scoreboard_death_watch_again(void)
{
    if (watched_ms)
        scoreboard_death_watch(watched_ms);
}

void scoreboard_death_watch(unsigned tick_ms)
{
    const struct timeval tick = {(time_t)(tick_ms / 1000), (suseconds_t)(tick_ms % 1000 * 1000)};
    const struct itimerval timer = {tick, tick};
    struct sigaction sa = {.sa_handler = on_tick, .sa_flags = SA_ONSTACK | SA_RESTART};
    sigset_t set;

    sigemptyset(&sa.sa_mask);
    sigemptyset(&set);
    sigaddset(&set, SIGPROF);
    ticks = 0;
    watched_ms = tick_ms;
    (void)sigaction(SIGPROF, &sa, NULL);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)setitimer(ITIMER_PROF, &timer, NULL);
}
