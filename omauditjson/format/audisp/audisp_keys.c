/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/audisp/audisp_keys.h"

/* Where the members of struct view come from. */
#define RECORD_subject "SYSCALL"
#define RECORD_syscall "SYSCALL"
#define RECORD_socket "SYSCALL"
#define RECORD_execve "EXECVE"
#define RECORD_cwd "CWD"
#define RECORD_path "PATH"
#define RECORD_promiscuous "ANOM_PROMISCUOUS"
#define RECORD_apparmor "AVC"

enum set { SET_COMPAT, SET_FULL, SET_ALWAYS, SET_MUST };

const struct format_key audisp_json_keys[] = {
#define ENVELOPE(key, type, pattern, source, example, text) \
    {#key, FORMAT_KEY_##type, true, pattern, source, example, text},
#define DETAIL(key, set, record, field, example, text) \
    {"details." #key,                                  \
     FORMAT_KEY_STRING,                                \
     SET_##set == SET_MUST,                            \
     NULL,                                             \
     RECORD_##record " " #field,                       \
     example,                                          \
     text},
#define DETAIL2(key, set, record, field, other_record, other_field, example, text) \
    {"details." #key,                                                              \
     FORMAT_KEY_STRING,                                                            \
     SET_##set == SET_MUST,                                                        \
     NULL,                                                                         \
     RECORD_##record " " #field ", else " RECORD_##other_record " " #other_field,  \
     example,                                                                      \
     text},
#define DETAIL_USER(key, set, field, example, text) \
    {"details." #key,                               \
     FORMAT_KEY_STRING,                             \
     SET_##set == SET_MUST,                         \
     NULL,                                          \
     "program's record: " #field,                   \
     example,                                       \
     text},
#define DETAIL_SELINUX(key, set, field, example, text) \
    {"details." #key,                                  \
     FORMAT_KEY_STRING,                                \
     SET_##set == SET_MUST,                            \
     NULL,                                             \
     "SELinux AVC: " #field,                           \
     example,                                          \
     text},
#define DETAIL_WRITER(key, set, function, type, pattern, source, example, text) \
    {"details." #key, FORMAT_KEY_##type, SET_##set == SET_MUST, pattern, source, example, text},
#define PATH_MEMBER(name, example, text) \
    {"details.paths." #name, FORMAT_KEY_STRING, false, NULL, "PATH " #name, example, text},
#include "format/audisp/envelope.def"
#include "format/audisp/audisp_details.def"
#include "format/paths.def"
#undef ENVELOPE
#undef DETAIL
#undef DETAIL2
#undef DETAIL_USER
#undef DETAIL_SELINUX
#undef DETAIL_WRITER
#undef PATH_MEMBER
    {.path = NULL},
};
