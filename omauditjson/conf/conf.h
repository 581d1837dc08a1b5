/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: one table (options.def) from which the file reader, the command line, --help
 * and the manual's option list come. Owns every string in it. Knows nothing of audit or HTTP
 * beyond the words an option may take. */
#ifndef OMAUDITJSON_CONF_CONF_H
#define OMAUDITJSON_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum conf_receiver {
#define RECEIVER(NAME, name, word) CONF_RECEIVER_##NAME,
#include "conf/receivers.def"
#undef RECEIVER
    CONF_RECEIVERS, /* how many */
};
enum conf_compress { CONF_COMPRESS_NONE, CONF_COMPRESS_GZIP, CONF_COMPRESS_ZSTD };
enum conf_deadletter_full { CONF_DEADLETTER_HOLD, CONF_DEADLETTER_DROP };
enum conf_details { CONF_DETAILS_FULL, CONF_DETAILS_COMPATIBLE };
enum conf_names {
    CONF_NAMES_LOCAL,  /* this host's passwd and group services */
    CONF_NAMES_RECORD, /* only what auditd has added to the record */
};
enum conf_events { CONF_EVENTS_ALL, CONF_EVENTS_AUDISP_JSON };
enum conf_severity {
    CONF_SEVERITY_INFO,
    CONF_SEVERITY_NOTICE,
    CONF_SEVERITY_WARNING,
    CONF_SEVERITY_ERROR,
    CONF_SEVERITY_CRITICAL,
};
enum conf_format { CONF_FORMAT_AUDISP_JSON, CONF_FORMAT_RECORDS, CONF_FORMAT_ECS };
enum conf_sync {
    CONF_SYNC_COMMIT, /* fdatasync before OK for COMMIT */
    CONF_SYNC_ALWAYS, /* and before every OK */
    CONF_SYNC_NEVER,
};
enum conf_sandbox { CONF_SANDBOX_YES, CONF_SANDBOX_NO, CONF_SANDBOX_STRICT };
enum conf_tls { CONF_TLS_1_2, CONF_TLS_1_3 };

struct conf_list {
    char **item;
    size_t n;
};

#define CONF_OPTIONS_MAX 128

/* A member per option, with the option's name. Durations are milliseconds, sizes bytes. Strings
 * are NULL when not set. */
struct conf {
    char *config;                 /* path of the file that was read */
    bool given[CONF_OPTIONS_MAX]; /* by row of options.def: set by the file or the command line */
    /* where to */
    struct conf_list url;
    int receiver; /* enum conf_receiver */
    int format;   /* enum conf_format */
    char *index;  /* conf_index.h; NULL: url or the receiver names it */
    char *source;
    char *sourcetype;
    /* journal */
    char *state_dir;
    uint64_t window;
    int sync; /* enum conf_sync */
    /* batches */
    uint64_t batch_events;
    uint64_t batch_bytes;
    int64_t batch_age;
    uint64_t in_flight;
    int compress; /* enum conf_compress */
    /* HTTP */
    int64_t timeout;
    int64_t connect_timeout;
    int64_t retry_min;
    int64_t retry_max;
    char *ca_file;
    char *ca_dir;
    char *client_cert;
    char *client_key;
    int tls_min;     /* enum conf_tls */
    bool tls_verify; /* default true */
    char *tls_pin;   /* curl's CURLOPT_PINNEDPUBLICKEY */
    char *bearer_file;
    char *user_file;
    bool insecure_credentials;
    struct conf_list header;
    char *proxy;
    uint64_t answer_max; /* bytes of an answer's body that are read */
    /* the record */
    char *hostname;
    int names; /* enum conf_names */
    char *processname;
    struct conf_list tags; /* further tags, after the three */
    struct conf_list add;  /* constants of the format ecs, conf_added.h */
    int details;           /* enum conf_details */
    int events;            /* enum conf_events */
    int severity_failed;   /* enum conf_severity, of an event that did not succeed */
    int severity_denied;   /* enum conf_severity, of one that was forbidden */
    char *message_before;  /* before each document: prepend_msg of audisp-json.conf */
    char *message_after;   /* after each document: postpend_msg */
    uint64_t processes;    /* remembered by event/lineage.h */
    uint64_t summary_max;
    /* input and correlation */
    int64_t end_of_event_timeout;
    int64_t settle;
    uint64_t max_line;
    uint64_t max_event; /* bytes of an event's document; of its records four times as many */
    uint64_t max_event_records;
    uint64_t max_open_events;
    /* omprog */
    char *begin_mark;
    char *commit_mark;
    int64_t keepalive;
    int64_t shutdown_timeout;
    /* dead letters */
    uint64_t deadletter_bytes; /* the whole folder */
    int deadletter_full;       /* enum conf_deadletter_full */
    /* convert */
    bool pretty;
    /* confinement */
    int sandbox; /* enum conf_sandbox */
    /* telling */
    char *log;
    int log_level; /* enum log_level */
    char *stats_file;
    int64_t stats_interval;
    bool curl_verbose; /* libcurl's trace into the log at level debug, secrets left out */
};

/* All defaults. */
void conf_init(struct conf *c);
void conf_done(struct conf *c); /* frees; c may be zeroed memory */

/* Read the file at path over what c holds. Every mistake is appended to errors as a line
 * "FILE:LINE: key 'KEY': what is wrong (did you mean 'X'?)". 0 or ERR_CONFIG. */
int conf_read_file(struct conf *c, const char *path, struct buf *errors);

/* What the command line asks for. */
enum conf_command {
    CONF_RUN,          /* as rsyslog starts it */
    CONF_CHECK_CONFIG, /* --check-config */
    CONF_HELP,
    CONF_VERSION,
    CONF_CONVERT,    /* convert [FILE...] */
    CONF_DEADLETTER, /* deadletter ACTION [ID...] */
    CONF_JOURNAL,    /* journal check|salvage [FILE...] */
};

#define CONF_DEFAULT_FILE "/etc/omauditjson.conf"

/* Defaults, then the file (--config, or CONF_DEFAULT_FILE when it is there), then the command line;
 * a list given there takes the place of the file's. c need not be initialised. argv is permuted:
 * operands last, first_arg is the index of the first one after the command. Calling it again with
 * the same argv (SIGHUP) is fine. 0 or ERR_CONFIG with errors filled, one mistake a line; c is to
 * be given to conf_done() in both cases. CONF_HELP and CONF_VERSION read no file. */
int conf_load(struct conf *c, int argc, char **argv, enum conf_command *command, int *first_arg,
              struct buf *errors);

/* Checks that need more than one option (a client key without a certificate, no url ...). Called by
 * conf_load(). CONF_CONVERT and CONF_DEADLETTER send nothing, so where to is not
 * looked at. 0 or ERR_CONFIG. */
int conf_check(const struct conf *c, enum conf_command command, struct buf *errors);

/* Can the files be read that hold a secret, and by nobody else: bearer_file, user_file, client_key,
 * and the configuration itself when it contains a credential? They are read again when they are
 * needed; this is for saying at start, and to --check-config, what would not work. 0 or ERR_CONFIG.
 */
int conf_check_secrets(const struct conf *c, struct buf *errors);

/* The text of --help, made from the table. */
void conf_help(struct buf *out);

/* A file that holds a secret (bearer_file, user_file): read its first line into ret (caller frees,
 * wiped by conf_secret_free). Refused with -EPERM when others than its owner and group may read
 * it, -EMSGSIZE over 64 KiB, -ENODATA when empty. */
int conf_secret_read(const char *path, char **ret);
void conf_secret_free(char *secret);

#endif
