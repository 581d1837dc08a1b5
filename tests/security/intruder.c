/* SPDX-License-Identifier: Apache-2.0 */
/* intruder.so, for LD_PRELOAD: code of an attacker's that runs in the middle of libcurl or
 * libauparse. Once, in the first call of each, it tries what it should not be able to do, and
 * writes "WHERE WHAT: RESULT" into the file OAJ_INTRUDER, which it opens before the program starts.
 */
#include "config.h"

#include <auparse.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int report = -1;
static char secret[256], outside[256], state[256];
static unsigned port;

static void copy(char out[256], const char *name)
{
    const char *value = getenv(name);

    if (value)
        (void)snprintf(out, 256, "%s", value);
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("OAJ_INTRUDER"), *number = getenv("OAJ_PORT");

    if (!path)
        return;
    report = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    copy(secret, "OAJ_SECRET");
    copy(outside, "OAJ_OUTSIDE");
    copy(state, "OAJ_STATE");
    port = number ? (unsigned)strtoul(number, NULL, 10) : 0;
}

static void say(const char *where, const char *what, bool done)
{
    char line[256];
    int n = snprintf(line, sizeof(line), "%s %s: %s\n", where, what,
                     done                                ? "DONE"
                     : errno == EPERM || errno == EACCES ? "refused"
                                                         : strerror(errno));

    if (write(report, line, (size_t)n) != n)
        abort();
}

/* What would change this process, in a child of its own. */
static bool executes(bool traced)
{
    char name[] = "true", *argv[] = {name, NULL}, *none[] = {NULL};
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        if (traced)
            _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : errno);
        (void)execve("/bin/true", argv, none);
        _exit(errno);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    errno = WEXITSTATUS(status);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool makes_socket(int family, int type, int protocol)
{
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool connects(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool done = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
    int keep = errno;

    (void)close(fd);
    errno = keep;
    return done;
}

static bool has_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

    if (syscall(SYS_capget, &head, data) < 0)
        return false;
    errno = EPERM;
    return data[0].effective || data[0].permitted || data[0].inheritable || data[1].effective ||
           data[1].permitted || data[1].inheritable;
}

static void intrude(const char *where)
{
    char word[8];
    struct iovec here = {word, sizeof(word)}, there = {secret, sizeof(word)};
    int keep = errno;

    say(where, "execute a program", executes(false));
    say(where, "read a secret", opens(secret, O_RDONLY));
    say(where, "read /etc/shadow", opens("/etc/shadow", O_RDONLY));
    say(where, "make a file elsewhere", opens(outside, O_WRONLY | O_CREAT));
    say(where, "make a file in the state directory", opens(state, O_WRONLY | O_CREAT));
    say(where, "packet socket", makes_socket(AF_PACKET, SOCK_RAW, 0));
    say(where, "raw socket", makes_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    say(where, "connect to another port", connects());
    say(where, "signal a process outside", kill(getppid(), 0) == 0);
    say(where, "read another process", process_vm_readv(getpid(), &here, 1, &there, 1, 0) > 0);
    say(where, "unshare", unshare(CLONE_FILES) == 0);
    say(where, "mount", mount("none", "/is/not/there", "tmpfs", 0, NULL) == 0 || errno == ENOENT);
    say(where, "become root", setresuid(0, 0, 0) == 0);
    say(where, "keys", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0) >= 0);
    say(where, "capabilities", has_capabilities());
    say(where, "be traced", executes(true));
    errno = keep;
}

CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running)
{
    static CURLMcode (*next)(CURLM *, curl_socket_t, int, int *);
    void *symbol = dlsym(RTLD_NEXT, "curl_multi_socket_action");

    if (!next && report >= 0)
        intrude("libcurl");
    memcpy(&next, &symbol, sizeof(next));
    return next(multi, fd, mask, running);
}

int auparse_feed(auparse_state_t *au, const char *data, size_t len)
{
    static int (*next)(auparse_state_t *, const char *, size_t);
    void *symbol = dlsym(RTLD_NEXT, "auparse_feed");

    if (!next && report >= 0)
        intrude("libauparse");
    memcpy(&next, &symbol, sizeof(next));
    return next(au, data, len);
}
