/* SPDX-License-Identifier: Apache-2.0 */
/* omauditjson: started by rsyslog's omprog, delivers audit events to an HTTP receiver.
 *
 * A map of the sources:
 *   main.c      argv, signals, descriptors
 *   commands/   convert, deadletter, journal
 *   engine/     engine.c: start and end; loop.c: the poll loop; intake.c: line to reply;
 *               pipeline.c: journal to index; emit.c: event to deliver; outcomes.c: and back;
 *               resume.c: what the previous process left
 *   input/      lines, omprog's protocol, the header of a record
 *   journal/    acknowledged records that are not delivered yet
 *   event/      open events, repeats, libauparse, user names
 *   format/     event to JSON
 *   deliver/    batches, receivers, HTTP, back-off, dead letters
 *   conf/       the option table, the configuration file, the command line
 *   base/       buffers, clock, log, errors, statistics
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "base/environment.h"
#include "base/err.h"
#include "base/harden.h"
#include "base/log.h"
#include "base/mem.h"
#include "commands/convert.h"
#include "commands/deadletters.h"
#include "commands/journal.h"
#include "engine/engine.h"
#include "input/omprog.h"

#define ERRORS_MAX (64u << 10)

struct arguments {
    int argc;
    char **argv;
    bool documents; /* standard output carries documents (receiver stdout), not replies */
};

/* Standard descriptors can be closed if a user starts the program; a file opened as descriptor 1
 * would receive the replies. */
static void fill_standard_descriptors(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

static void say(const struct buf *text)
{
    size_t done = 0;

    while (done < text->len) {
        ssize_t n = write(STDERR_FILENO, text->data + done, text->len - done);

        if (n <= 0)
            return;
        done += (size_t)n;
    }
}

static int print(struct buf *text)
{
    bool failed = fwrite(text->data, 1, text->len, stdout) != text->len || fflush(stdout) != 0;

    buf_done(text);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int load_all(struct conf *conf, int argc, char **argv, enum conf_command *command,
                    int *first, struct buf *errors)
{
    int r = conf_load(conf, argc, argv, command, first, errors);

    if (r == 0 && (*command == CONF_RUN || *command == CONF_CHECK_CONFIG))
        r = conf_check_secrets(conf, errors);
    return r;
}

static struct conf *load(void *ctx)
{
    const struct arguments *a = ctx;
    struct conf *conf = mem_calloc(1, sizeof(*conf));
    struct buf errors = BUF_INIT(ERRORS_MAX);
    enum conf_command command;
    int first, r = load_all(conf, a->argc, a->argv, &command, &first, &errors);

    if (r == 0 && a->documents != (conf->receiver == CONF_RECEIVER_STDOUT)) {
        buf_append_str(&errors, "configuration: key 'receiver': cannot change to or from "
                                "stdout while running; restart rsyslog\n");
        r = ERR_CONFIG;
    }
    if (r < 0) {
        const char *text = buf_cstr(&errors);

        for (const char *line = text; *line;) {
            size_t len = strcspn(line, "\n");

            log_error("%.*s", (int)len, line);
            line += len + (line[len] == '\n');
        }
        log_error("invalid configuration, keeping the previous one");
        conf_done(conf);
        free(conf);
        conf = NULL;
    }
    buf_done(&errors);
    return conf;
}

/* stdout carries the replies. It is moved to another descriptor and replaced by stderr, so that no
 * library can write to rsyslog. */
static int move_wire(void)
{
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);

    if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return -errno;
    return fd;
}

static int make_signal_fd(void)
{
    struct sigaction old;
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    /* omprog leaves SIGINT ignored; on a terminal it ends the input. */
    if (sigaction(SIGINT, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* conf is taken over. */
static int end_with(struct conf *conf, int code)
{
    conf_done(conf);
    free(conf);
    return code;
}

/* conf is taken over. */
static int run(struct arguments *args, struct conf *conf)
{
    struct engine_wire wire = {.in_fd = STDIN_FILENO, .out_fd = -1, .signal_fd = -1, .doc_fd = -1};
    enum omprog_wire kind = omprog_wire_detect(STDOUT_FILENO, STDERR_FILENO);
    int fd, r;

    args->documents = conf->receiver == CONF_RECEIVER_STDOUT;
    log_set_level((enum log_level)conf->log_level);
    r = log_open(conf->log);
    if (r < 0) {
        log_error("cannot open %s: %s; check log", conf->log, strerror(-r));
        return end_with(conf, ENGINE_EXIT_CONFIG);
    }
    wire.signal_fd = make_signal_fd();
    fd = move_wire();
    if (fd < 0 || wire.signal_fd < 0) {
        log_error("cannot set up standard output and signals: %s; exiting, rsyslog restarts it",
                  strerror(errno));
        return end_with(conf, ENGINE_EXIT_AGAIN);
    }
    if (conf->receiver == CONF_RECEIVER_STDOUT)
        wire.doc_fd = fd;
    else if (kind == OMPROG_CONFIRMING)
        wire.out_fd = fd;
    return engine_run(conf, &wire, load, args);
}

int main(int argc, char **argv)
{
    struct arguments args = {.argc = argc, .argv = argv};
    struct conf *conf;
    struct buf errors = BUF_INIT(ERRORS_MAX), text = BUF_INIT(1 << 20);
    enum conf_command command;
    struct deadletters_options dead;
    bool all_damaged;
    int first;

    environment_clear(argv);
    harden_process();
    mem_setup();
    conf = mem_calloc(1, sizeof(*conf));
    deadletters_options(&argc, argv, &dead);
    all_damaged = journal_options(&argc, argv);
    args.argc = argc;
    fill_standard_descriptors();
    if (load_all(conf, argc, argv, &command, &first, &errors) < 0) {
        say(&errors);
        buf_done(&errors);
        return end_with(conf, ENGINE_EXIT_CONFIG);
    }
    say(&errors); /* notes on a valid configuration */
    buf_done(&errors);
    if (command == CONF_RUN)
        return run(&args, conf);
    if (command == CONF_CONVERT || command == CONF_DEADLETTER) {
        return end_with(conf, command == CONF_CONVERT
                                  ? convert_run(conf, argv + first, argc - first)
                                  : deadletters_run(conf, &dead, argv + first, argc - first));
    }
    if (command == CONF_JOURNAL)
        return end_with(conf, journal_run(conf, all_damaged, argv + first, argc - first));
    if (command == CONF_HELP)
        conf_help(&text);
    else if (command == CONF_VERSION)
        buf_printf(&text, "%s\n", PACKAGE_STRING);
    else
        buf_printf(&text, "configuration %s: valid\n", conf->config ? conf->config : "(no file)");
    return end_with(conf, print(&text));
}
