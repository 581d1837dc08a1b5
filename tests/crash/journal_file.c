/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "journal_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

#define REMOTE "/lib/systemd/systemd-journal-remote"
#define ID_SIZE 33

static bool machine_id(char *ret)
{
    FILE *f = fopen("/etc/machine-id", "re");
    bool good = f != NULL && fgets(ret, ID_SIZE, f) != NULL && strlen(ret) == ID_SIZE - 1;

    if (f != NULL)
        (void)fclose(f);
    return good;
}

bool journal_file_possible(void)
{
    char id[ID_SIZE];

    return access(REMOTE, X_OK) == 0 && machine_id(id);
}

/* One entry of journald's export format [systemd.io/JOURNAL_EXPORT_FORMATS]. */
static void put_entry(FILE *f, const char *line, size_t len, const char *id, unsigned long n)
{
    char type[64], fixed[512];
    long long sec;
    unsigned ms;
    unsigned long long serial;
    int at = -1;
    uint64_t size;

    if (sscanf(line, "type=%63s msg=audit(%lld.%u:%llu): %n", type, &sec, &ms, &serial, &at) != 4 ||
        at < 0)
        return;
    (void)fprintf(f,
                  "__REALTIME_TIMESTAMP=%llu\n__MONOTONIC_TIMESTAMP=%lu\n"
                  "_BOOT_ID=0123456789abcdef0123456789abcdef\n_MACHINE_ID=%s\n"
                  "_TRANSPORT=audit\nSYSLOG_FACILITY=4\nSYSLOG_IDENTIFIER=audit\nPRIORITY=5\n"
                  "_AUDIT_TYPE_NAME=%s\n_AUDIT_ID=%llu\n_SOURCE_REALTIME_TIMESTAMP=%lld%03u000\n",
                  1795356082000000ULL + n, 1000 + n, id, type, serial, sec, ms);
    (void)snprintf(fixed, sizeof(fixed), "%s ", type);
    size = strlen(fixed) + len - (size_t)at;
    (void)fputs("MESSAGE\n", f);
    for (unsigned i = 0; i < 8; i++) /* its length, little-endian */
        (void)fputc((int)(size >> (8 * i) & 0xff), f);
    (void)fputs(fixed, f);
    (void)fwrite(line + at, 1, len - (size_t)at, f);
    (void)fputs("\n\n", f);
}

static bool export_lines(const char *dir, const char *id)
{
    char path[700];
    char *line = NULL;
    size_t room = 0;
    unsigned long n = 0;
    ssize_t len;
    FILE *in, *out;
    bool good;

    (void)snprintf(path, sizeof(path), "%s/fed", dir);
    in = fopen(path, "re");
    (void)snprintf(path, sizeof(path), "%s/export", dir);
    out = fopen(path, "we");
    while (in != NULL && out != NULL && (len = getline(&line, &room, in)) > 0)
        put_entry(out, line, (size_t)len - 1, id, ++n);
    free(line);
    good = in != NULL && out != NULL && n > 0;
    if (in != NULL)
        (void)fclose(in);
    if (out != NULL)
        good = fclose(out) == 0 && good;
    return good;
}

bool journal_file_make(const char *dir)
{
    char id[ID_SIZE], folder[128], file[256], from[700];
    const char *argv[] = {REMOTE, "-o", file, from, NULL};

    if (!machine_id(id) || !export_lines(dir, id) ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0)
        return false;
    if (access("/var/log/journal", F_OK) == 0 &&
        mount("tmpfs", "/var/log/journal", "tmpfs", 0, NULL) < 0)
        return false;
    (void)snprintf(folder, sizeof(folder), "/run/log/journal/%s", id);
    (void)mkdir("/run/log", 0755);
    (void)mkdir("/run/log/journal", 0755);
    if (mkdir(folder, 0755) < 0)
        return false;
    (void)snprintf(file, sizeof(file), "%s/system.journal", folder);
    (void)snprintf(from, sizeof(from), "%s/export", dir);
    return run_command(argv, NULL) == 0;
}
