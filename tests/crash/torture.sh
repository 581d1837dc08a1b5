#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The torture machine on a built tree: finds its parts and a place to work. OPTIONs go to
# tests/crash/torture. Folders of failed schedules, and the log, stay in $KEEP.
set -u
: "${srcdir:?the top of the sources}" "${builddir:?the top of the build}"
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
: "${omauditjson:=$builddir/omauditjson/omauditjson}"
: "${small:=$builddir/tests/crash/omauditjson-small}"

# Memory where there is some: rsyslog's queue writes a file for each record.
if [ -z "${KEEP-}" ]; then
    if [ -z "${TMPDIR-}" ] && [ -w /dev/shm ] &&
        [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 1000000 ]; then
        TMPDIR=/dev/shm
    fi
    KEEP=$(mktemp -d "${TMPDIR:-/tmp}/oajXXXXXX") || exit 99
    made=$KEEP
fi
mkdir -p "$KEEP" || exit 99
"$builddir/tests/crash/torture" --program "$omauditjson" --small "$small" \
    --receiver "$builddir/tests/receiver/receiver" --oracle "$builddir/tests/oracle/oracle" \
    --gen "$builddir/tests/oracle/gen" --shim "$builddir/tests/crash/shim.so" \
    --stanzas "$srcdir/rsyslog-conf" --work "$KEEP" --log "$KEEP/log" "$@"
status=$?
[ "$status" != 0 ] || [ -z "${made-}" ] || rm -rf "$made"
exit "$status"
