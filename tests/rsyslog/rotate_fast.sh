#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# By hand: how many records never reach us when a log is rotated faster than imfile reads it?
#
#   srcdir=. builddir=. tests/rsyslog/rotate_fast.sh STANZA [SED...]
#
# RATE lines a second (8000), rotated the auditd way every LINES (2000), LONG seconds (10), the last
# KEPT (5) files kept. SED changes the stanza. Prints one line.
set -u
exec 8>/dev/null
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
: "${RATE:=8000}" "${LINES:=2000}" "${LONG:=10}" "${KEPT:=5}"
stanza=$1
shift
receiver_start
oaj_conf "receiver = json-array" "window = 256MiB" "deadletter_bytes = 256MiB"
rsyslog_conf "$stanza" "" "$quick_stop" "$@"
: >"$work/audit/audit.log"
rsyslogd_start
perl -e '
    use Time::HiRes qw(time sleep);
    my ($dir, $rate, $lines, $seconds, $kept) = @ARGV;
    my ($n, $in, $pad, $start) = (0, 0, "x" x 150, time);
    open(my $f, ">>", "$dir/audit.log") or die;
    while ($n < $rate * $seconds) {
        my $due = int((time - $start) * $rate);
        for (; $n < $due && $n < $rate * $seconds; $n++) {
            syswrite($f, sprintf("type=USER_LOGIN msg=audit(1795356082.001:%d): pid=1 uid=0 key=\"%s\"\n", $n + 1, $pad));
            next if ++$in < $lines;
            $in = 0;
            rename("$dir/audit.log.$_", "$dir/audit.log." . ($_ + 1)) for reverse 1 .. $kept - 1;
            rename("$dir/audit.log", "$dir/audit.log.1");
            unlink("$dir/audit.log.$kept");
            open($f, ">", "$dir/audit.log") or die;
        }
        sleep(0.002);
    }' "$work/audit" "$RATE" "$LINES" "$LONG" "$KEPT"
total=$((RATE * LONG))
settled() { local a b; a=$(stat_of records); sleep 3; b=$(stat_of records); [ "$a" = "$b" ]; }
wait_until 600 settled
rsyslogd_stop >/dev/null
came=$(sed 's/"auditserial"/\n&/g' "$out" | sed -n 's/^"auditserial":"\([0-9]*\)".*/\1/p' | sort -un | wc -l)
printf '%s: %d lines/s, rotated every %d: %d of %d never came; %d repeats known %s\n' \
    "$stanza" "$RATE" "$LINES" $((total - came)) "$total" "$(stat_of repeats)" "$*"
