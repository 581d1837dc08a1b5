/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded into omauditjson by LD_PRELOAD: stands between the program and each system call that
 * touches rsyslog's pipes, the state directory or the network. It does what the triggers of the
 * shared page ask for at the named points, writes down which records were answered, and watches
 * two rules that a kill cannot show: no OK to a COMMIT while a segment is unsynced, no mark "done"
 * while a dead letter is unsynced. It never changes a byte that the program writes. */
#include "config.h"

#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HIGH_FD 400

struct order {
    pid_t pid;
    int sig;
};

struct crash_page *shim_page;
static int answered_fd = -1;
static char state_dir[4096];
static size_t state_len;
static uint64_t stdin_inode, wire_inode;
static uint32_t life;
static bool first_said;

static char *lines; /* read and not answered yet */
static size_t lines_len, lines_cap;

/* -- the page ---------------------------------------------------------------------------------- */

void shim_violation(const char *text)
{
    if (atomic_fetch_add(&shim_page->violations, 1) == 0)
        (void)snprintf(shim_page->violation, sizeof(shim_page->violation),
                       "%s (life %u, %llu answered)", text, life,
                       (unsigned long long)atomic_load(&shim_page->answered));
}

static struct crash_file *file_of(uint64_t inode, bool make)
{
    for (size_t i = 0; i < CRASH_FILES; i++) {
        struct crash_file *f = &shim_page->files[i];
        uint64_t none = 0;

        if (atomic_load(&f->inode) == inode)
            return f;
        if (make && atomic_compare_exchange_strong(&f->inode, &none, inode))
            return f;
    }
    return NULL;
}

void shim_set_dirty(int fd, unsigned dirty)
{
    struct stat st;
    struct crash_file *f;

    if (fstat(fd, &st) == 0 && (f = file_of(st.st_ino, dirty != 0)) != NULL)
        atomic_store(&f->dirty, dirty);
}

void shim_forget_name(int dir, const char *name)
{
    struct stat st;
    struct crash_file *f;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && (f = file_of(st.st_ino, false)))
        atomic_store(&f->dirty, 0);
}

bool shim_any_dirty(unsigned kind)
{
    for (size_t i = 0; i < CRASH_FILES; i++)
        if (atomic_load(&shim_page->files[i].dirty) == kind)
            return true;
    return false;
}

/* -- signals to others ---------------------------------------------------------------------------
 * omauditjson confines itself and can then signal nobody else: a child that was made before does.
 * It ends when omauditjson does. */

static int sender = -1;

static void serve(int fd)
{
    struct order order;

    while (read(fd, &order, sizeof(order)) == (ssize_t)sizeof(order)) {
        char result = (char)kill(order.pid, order.sig);

        if (write(fd, &result, 1) != 1)
            break;
    }
    _exit(0);
}

static void start_sender(void)
{
    int fds[2], status;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return;
    pid = fork();
    if (pid == 0) {
        if (fork() == 0) { /* nobody's child: omauditjson has none */
            (void)dup2(fds[1], 0);
            (void)syscall(SYS_close_range, 1, ~0U, 0);
            (void)setsid();
            serve(0);
        }
        _exit(0);
    }
    (void)waitpid(pid, &status, 0);
    (void)close(fds[1]);
    sender = fcntl(fds[0], F_DUPFD_CLOEXEC, HIGH_FD);
    (void)close(fds[0]);
}

static int send_signal(pid_t pid, int sig)
{
    const struct order order = {pid, sig};
    char result = -1;

    /* by system call: these are calls that triggers count */
    if (syscall(SYS_write, sender, &order, sizeof(order)) != (long)sizeof(order) ||
        syscall(SYS_read, sender, &result, 1) != 1)
        return -1;
    return result;
}

/* -- triggers ---------------------------------------------------------------------------------- */

void shim_die(void)
{
    (void)kill(getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

static void to_parent(int sig)
{
    pid_t parent = atomic_load(&shim_page->rsyslogd);

    if (parent > 0 && getppid() == parent)
        (void)send_signal(parent, sig);
}

static int64_t now_ms(void)
{
    struct timespec now = {0};

    (void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void act(const struct crash_trigger *t)
{
    int32_t parent = atomic_load(&shim_page->rsyslogd);

    switch (t->action) {
    case CRASH_KILL_BOTH:
        to_parent(SIGKILL);
        shim_die();
        break;
    case CRASH_KILL_SELF:
        shim_die();
        break;
    case CRASH_KILL_PARENT:
        to_parent(SIGKILL);
        break;
    case CRASH_TERM_BOTH:
        to_parent(SIGTERM);
        (void)kill(getpid(), SIGTERM);
        break;
    case CRASH_TERM_PARENT:
        to_parent(SIGTERM);
        break;
    case CRASH_HUP_BOTH:
        to_parent(SIGHUP);
        (void)kill(getpid(), SIGHUP);
        break;
    case CRASH_HUP_SELF:
        (void)kill(getpid(), SIGHUP);
        break;
    case CRASH_FREEZE_SELF:
        (void)crash_freeze(shim_page, (int32_t)getpid(), now_ms() + t->arg, kill);
        break;
    case CRASH_FREEZE_PARENT:
        if (parent > 0 && getppid() == parent)
            (void)crash_freeze(shim_page, parent, now_ms() + t->arg, send_signal);
        break;
    case CRASH_CLOCK:
        (void)atomic_fetch_add(&shim_page->wall_shift, t->arg);
        break;
    default:
        break;
    }
}

int shim_hit(enum crash_point point, bool after)
{
    int verdict = 0;
    int keep = errno;

    if (shim_page == NULL || point == CRASH_NOWHERE)
        return 0;
    if (!after)
        (void)atomic_fetch_add(&shim_page->reached[point], 1);
    for (uint32_t i = 0; i < shim_page->n_triggers && !atomic_load(&shim_page->healed); i++) {
        struct crash_trigger *t = &shim_page->triggers[i];
        int32_t left;

        if (t->point != point || (t->after != 0) != after || life < t->from_life ||
            atomic_load(&shim_page->answered) < t->from_answered)
            continue;
        left = atomic_fetch_sub(&t->countdown, 1);
        if (left > 1 || left <= 1 - (int32_t)(t->repeat ? t->repeat : 1))
            continue;
        (void)atomic_fetch_add(&t->fired, 1);
        if (t->action == CRASH_FAIL)
            verdict = t->arg;
        else if (t->action == CRASH_SHORT || t->action == CRASH_TEAR)
            verdict = t->action == CRASH_SHORT ? SHIM_SHORT : SHIM_TEAR;
        else
            act(t);
    }
    errno = keep;
    return verdict;
}

/* -- which descriptor is what --------------------------------------------------------------------
 */

static enum kind kind_of_path(const char *path)
{
    const char *p = path + state_len;

    if (state_len == 0 || strncmp(path, state_dir, state_len) != 0 || *p != '/')
        return KIND_OTHER;
    p++;
    if (strcmp(p, "journal") == 0)
        return KIND_JOURNAL;
    if (strncmp(p, "journal/spare", 13) == 0)
        return KIND_SPARE;
    if (strncmp(p, "journal/", 8) == 0)
        return KIND_SEGMENT;
    if (strcmp(p, "deadletter") == 0)
        return KIND_DEAD_DIR;
    if (strncmp(p, "deadletter/", 11) == 0)
        return KIND_DEAD;
    if (strncmp(p, "recent", 6) == 0)
        return KIND_RECENT;
    if (strncmp(p, "lock", 4) == 0)
        return KIND_LOCK;
    return KIND_OTHER;
}

enum kind shim_kind(int fd)
{
    char name[64], path[4200];
    unsigned long long inode;
    ssize_t n;

    if (shim_page == NULL || fd < 0)
        return KIND_OTHER;
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    n = readlink(name, path, sizeof(path) - 1);
    if (n <= 0)
        return KIND_OTHER;
    path[n] = '\0';
    if (sscanf(path, "pipe:[%llu]", &inode) == 1)
        return inode == stdin_inode ? KIND_STDIN : inode == wire_inode ? KIND_WIRE : KIND_OTHER;
    if (strncmp(path, "socket:[", 8) == 0)
        return KIND_SOCKET;
    return kind_of_path(path);
}

enum kind shim_kind_at(int dir_fd, const char *name)
{
    char path[4200], own[64];
    ssize_t n = 0;

    if (shim_page == NULL || strlen(name) > 64)
        return *name == '/' && shim_page != NULL ? kind_of_path(name) : KIND_OTHER;
    if (*name == '/' || dir_fd == AT_FDCWD)
        return kind_of_path(name);
    (void)snprintf(own, sizeof(own), "/proc/self/fd/%d", dir_fd);
    n = readlink(own, path, sizeof(path) - 100);
    if (n <= 0)
        return KIND_OTHER;
    (void)snprintf(path + n, 100, "/%s", name);
    return kind_of_path(path);
}

/* -- the conversation -------------------------------------------------------------------------- */

void shim_heard(const char *data, size_t len)
{
    if (lines_len + len > lines_cap) {
        char *more = realloc(lines, (lines_len + len) * 2);

        if (more == NULL)
            return;
        lines = more;
        lines_cap = (lines_len + len) * 2;
    }
    memcpy(lines + lines_len, data, len);
    lines_len += len;
}

static bool is_text(const char *p, size_t len, const char *text)
{
    return len == strlen(text) && memcmp(p, text, len) == 0;
}

/* Which point this reply is; *line_len is the answered line with its LF. */
static enum crash_point reply_point(const char *data, size_t len, size_t *line_len)
{
    const char *lf;

    *line_len = 0;
    if (is_text(data, len, "."))
        return CRASH_WIRE_DOT;
    if (!is_text(data, len, "OK\n") && !is_text(data, len, "DEFER_COMMIT\n")) {
        shim_violation("something else than a reply was written to rsyslog");
        return CRASH_NOWHERE;
    }
    if (!first_said)
        return CRASH_WIRE_FIRST;
    lf = memchr(lines, '\n', lines_len);
    if (lf == NULL) {
        shim_violation("a reply that nobody waits for");
        return CRASH_NOWHERE;
    }
    *line_len = (size_t)(lf - lines) + 1;
    if (is_text(lines, *line_len, "BEGIN TRANSACTION\n"))
        return CRASH_WIRE_BEGIN;
    if (is_text(lines, *line_len, "COMMIT TRANSACTION\n"))
        return CRASH_WIRE_COMMIT;
    if (is_text(lines, *line_len, "-- MARK --\n")) /* no record: it started us */
        return CRASH_NOWHERE;
    return CRASH_WIRE_RECORD;
}

static void said(enum crash_point point, size_t line_len)
{
    if (point == CRASH_WIRE_FIRST)
        first_said = true;
    if (point == CRASH_WIRE_COMMIT)
        (void)atomic_fetch_add(&shim_page->commits, 1);
    if (point == CRASH_WIRE_DOT)
        (void)atomic_fetch_add(&shim_page->dots, 1);
    if (point == CRASH_WIRE_RECORD) {
        if (syscall(SYS_write, answered_fd, lines, line_len) != (long)line_len)
            shim_violation("the list of answered records can't be written");
        (void)atomic_fetch_add(&shim_page->answered, 1);
    }
    if ((point == CRASH_WIRE_COMMIT && shim_page->sync_mode >= 1) ||
        (point == CRASH_WIRE_RECORD && shim_page->sync_mode == 2)) {
        if (shim_any_dirty(1))
            shim_violation("OK before the journal was synced");
    }
    if (line_len) {
        memmove(lines, lines + line_len, lines_len - line_len);
        lines_len -= line_len;
    }
}

ssize_t shim_reply(int fd, const void *data, size_t len)
{
    size_t line_len;
    enum crash_point point = reply_point(data, len, &line_len);
    ssize_t n;

    (void)shim_hit(point, false);
    said(point, line_len);
    n = syscall(SYS_write, fd, data, len);
    (void)shim_hit(point, true);
    return n;
}

ssize_t shim_failed(int verdict)
{
    errno = verdict;
    return -1;
}

/* -- birth ------------------------------------------------------------------------------------- */

static uint64_t inode_of(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *dir = getenv(CRASH_ENV);
    char path[4200];
    struct crash_page *p;
    int32_t former;
    int fd;

    if (dir == NULL || strlen(dir) > 4000)
        return;
    if (getenv("OPENSSL_CONF") != NULL) /* this image only executes itself again without it */
        return;
    start_sender();
    (void)snprintf(path, sizeof(path), "%s/page", dir);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    (void)snprintf(path, sizeof(path), "%s/answered", dir);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    answered_fd = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
    (void)close(fd);
    if (p == MAP_FAILED || answered_fd < 0)
        return;
    stdin_inode = inode_of(STDIN_FILENO);
    wire_inode = inode_of(STDOUT_FILENO);
    state_len = (size_t)snprintf(state_dir, sizeof(state_dir), "%s/state", dir);
    life = atomic_fetch_add(&p->lives, 1) + 1;
    former = atomic_exchange(&p->pid, (int32_t)getpid());
    (void)snprintf(path, sizeof(path), "%s/state/journal", dir);
    shim_damage(p, path, former, life);
    shim_page = p;
}
