/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "conf/conf.h"

#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_table.h"
#include "base/err.h"
#include "base/mem.h"

void conf_init(struct conf *c)
{
    const struct conf_option *o;

    *c = (struct conf){0};
    for (size_t i = 0; (o = conf_option_at(i)) != NULL; i++)
        if (o->name)
            conf_value_reset(c, o);
}

void conf_done(struct conf *c)
{
    const struct conf_option *o;

    if (!c)
        return;
    for (size_t i = 0; (o = conf_option_at(i)) != NULL; i++) {
        if (o->type == CONF_TYPE_STRING || o->type == CONF_TYPE_PATH) {
            struct conf_option bare = *o;

            bare.def = NULL; /* nothing in its place */
            conf_value_reset(c, &bare);
        } else if (o->type == CONF_TYPE_LIST) {
            conf_value_reset(c, o);
        }
    }
    *c = (struct conf){0};
}

/* getopt's return values for what is no row of the table; rows return their index plus ROW. */
enum { OPT_CHECK_CONFIG = 1000, OPT_ROW = 2000 };

struct command_line {
    struct option *longs; /* one more than in use, zeroed */
    char (*names)[CONF_NAME_MAX];
    size_t n;
};

static void add_long(struct command_line *cl, const char *name, int has_arg, int val)
{
    char *spelt = cl->names[cl->n];

    for (size_t i = 0; i == 0 || name[i - 1]; i++)
        spelt[i] = name[i] == '_' ? '-' : name[i];
    cl->longs[cl->n++] = (struct option){.name = spelt, .has_arg = has_arg, .val = val};
}

static void command_line_init(struct command_line *cl)
{
    const struct conf_option *o;
    size_t rows = 0;

    while (conf_option_at(rows))
        rows++;
    cl->n = 0;
    cl->longs = mem_calloc(rows + 4, sizeof(cl->longs[0]));
    cl->names = mem_calloc(rows + 4, sizeof(cl->names[0]));
    add_long(cl, "help", no_argument, 'h');
    add_long(cl, "version", no_argument, 'V');
    add_long(cl, "check-config", no_argument, OPT_CHECK_CONFIG);
    for (size_t i = 0; (o = conf_option_at(i)) != NULL; i++)
        if (o->name)
            add_long(cl, o->name, o->type == CONF_TYPE_BOOL ? optional_argument : required_argument,
                     OPT_ROW + (int)i);
}

static void command_line_done(struct command_line *cl)
{
    free(cl->longs);
    free(cl->names);
}

static void bad_option(const struct command_line *cl, const char *arg, int missing,
                       struct conf_errors *e)
{
    char name[CONF_NAME_MAX + 1], shown[CONF_SHOWN_SIZE];
    size_t distance = SIZE_MAX, dashes = strspn(arg, "-"), len = strcspn(arg, "=");
    size_t matches = 0;
    const char *best = NULL;
    /* What stands behind = is not shown: it may be a secret. */
    CLEANUP_FREE char *typed = mem_strndup(arg, len);

    conf_shown(typed, shown);
    if (missing) {
        conf_error(e, "command line: option '%s': requires a value", shown);
        return;
    }
    if (len < dashes || len - dashes >= sizeof(name)) {
        conf_error(e, "command line: option '%s': unknown option", shown);
        return;
    }
    memcpy(name, typed + dashes, len - dashes + 1);
    for (size_t i = 0; i < cl->n; i++) {
        if (strcmp(cl->longs[i].name, name) == 0) {
            conf_error(e, "command line: option '%s': takes no value", shown);
            return;
        }
        if (name[0] && strncmp(cl->longs[i].name, name, len - dashes) == 0)
            matches++;
        conf_near(name, cl->longs[i].name, &best, &distance);
    }
    if (matches > 1)
        conf_error(e, "command line: option '%s': ambiguous, matches %zu options", shown, matches);
    else if (best && conf_near_enough(name, distance))
        conf_error(e, "command line: option '%s': unknown option (did you mean '--%s'?)", shown,
                   best);
    else
        conf_error(e, "command line: option '%s': unknown option", shown);
}

/* The options that were given, in order. */
struct given {
    const struct conf_option *option;
    const char *value;
};

static size_t parse_argv(int argc, char **argv, struct given *given, enum conf_command *command,
                         struct conf_errors *e)
{
    struct command_line cl;
    size_t n = 0;
    int r;

    command_line_init(&cl);
    optind = 0; /* glibc: start afresh, this may be the second call */
    opterr = 0;
    /* getopt gives the first ':' of its string the meaning "tell a missing value apart". */
    while ((r = getopt_long(argc, argv, ":hV", cl.longs, NULL)) != -1) {
        if (r == 'h')
            *command = CONF_HELP;
        else if (r == 'V' && *command != CONF_HELP)
            *command = CONF_VERSION;
        else if (r == OPT_CHECK_CONFIG && *command == CONF_RUN)
            *command = CONF_CHECK_CONFIG;
        else if (r >= OPT_ROW)
            given[n++] =
                (struct given){conf_option_at((size_t)(r - OPT_ROW)), optarg ? optarg : "yes"};
        else if (r == '?' || r == ':')
            bad_option(&cl, argv[optind - 1], r == ':', e);
    }
    command_line_done(&cl);
    return n;
}

static void parse_operands(int argc, char **argv, enum conf_command *command, int *first_arg,
                           struct conf_errors *e)
{
    static const struct {
        const char *name;
        enum conf_command command;
    } commands[] = {
        {"convert", CONF_CONVERT}, {"deadletter", CONF_DEADLETTER}, {"journal", CONF_JOURNAL}};
    char shown[CONF_SHOWN_SIZE];
    size_t distance = SIZE_MAX;
    const char *best = NULL;

    *first_arg = optind;
    if (optind >= argc)
        return;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[optind], commands[i].name) == 0) {
            if (*command == CONF_RUN)
                *command = commands[i].command;
            ++*first_arg;
            return;
        }
        conf_near(argv[optind], commands[i].name, &best, &distance);
    }
    conf_shown(argv[optind], shown);
    if (best && conf_near_enough(argv[optind], distance))
        conf_error(e, "command line: '%s': unknown command (did you mean '%s'?)", shown, best);
    else
        conf_error(e, "command line: '%s': unknown command", shown);
}

/* config is no value but says where the others are. */
static bool names_file(const struct conf_option *o)
{
    return strcmp(o->name, "config") == 0;
}

static void apply_argv(struct conf *c, const struct given *given, size_t n, struct conf_errors *e)
{
    for (size_t i = 0; i < n; i++) {
        const struct conf_option *o = given[i].option;
        struct buf why = BUF_INIT(1024);
        bool first = true;
        char name[CONF_NAME_MAX];

        for (size_t j = 0; j < i; j++)
            first = first && given[j].option != o;
        if (o->type == CONF_TYPE_LIST && first)
            conf_value_reset(c, o); /* in the place of the file's */
        conf_option_give(c, o);
        if (conf_has_credential(o, given[i].value))
            buf_append_str(&why, "contains a credential, and every user of this host can read the "
                                 "command line; put it into the configuration file");
        else if (!names_file(o))
            conf_value_set(c, o, given[i].value, &why);
        if (why.len) {
            for (size_t k = 0; k == 0 || o->name[k - 1]; k++)
                name[k] = o->name[k] == '_' ? '-' : o->name[k];
            conf_error(e, "command line: option '--%s': %s", name, buf_cstr(&why));
        }
        buf_done(&why);
    }
}

int conf_load(struct conf *c, int argc, char **argv, enum conf_command *command, int *first_arg,
              struct buf *errors)
{
    struct conf_errors e = {.out = errors};
    CLEANUP_FREE struct given *given = mem_calloc((size_t)argc + 1, sizeof(*given));
    const char *path = NULL;
    bool file_read;
    size_t n, errors_len = errors->len;

    conf_init(c);
    *command = CONF_RUN;
    n = parse_argv(argc, argv, given, command, &e);
    parse_operands(argc, argv, command, first_arg, &e);
    if (*command == CONF_HELP || *command == CONF_VERSION) {
        buf_truncate(errors, errors_len); /* who asks for help gets it */
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        if (names_file(given[i].option))
            path = given[i].value;
    file_read = conf_file_read(c, path ? path : CONF_DEFAULT_FILE, path != NULL, &e);
    apply_argv(c, given, n, &e);
    conf_receiver_defaults(c);
    if (file_read) /* what is missing then stands in it, for all we know */
        conf_check_all(c, *command, &e);
    return e.n ? ERR_CONFIG : 0;
}
