#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each shipped stanza: accepted by rsyslogd in a stock configuration, and used for real. The two
# that read audit.log are used in the other tests.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd

# -- accepted, alone and below Debian's own rsyslog.conf -------------------------------------------
valid() { rsyslogd -N1 -f "$1" 2>&1 && ! rsyslogd -N1 -f "$1" 2>&1 | grep -iE 'error|warning'; }
receiver_start
oaj_conf "receiver = json-array"
mkdir -p "$work/stock"
for stanza in audisp-syslog direct diskqueue journal kmsg; do
    rsyslog_conf "$stanza" ""
    check "$stanza: valid alone" valid "$work/rsyslog.conf"
    # what a stock file has: modules, the old work directory, then the included file, then rules
    {
        echo 'module(load="imuxsock")'
        echo 'module(load="imklog")'
        printf '%s\n' "\$WorkDirectory $work/spool" "\$IncludeConfig $work/stock/*.conf"
        echo "*.* -$work/syslog"
    } >"$work/stock.conf"
    cp "$srcdir/rsyslog-conf/omauditjson-$stanza.conf" "$work/stock/60-omauditjson.conf"
    check "$stanza: valid below a stock rsyslog.conf" valid "$work/stock.conf"
    if grep -q "^.IncludeConfig" /etc/rsyslog.conf 2>/dev/null; then
        sed -e "s,^\\\$IncludeConfig.*,\$IncludeConfig $work/stock/*.conf," \
            -e "s,^\\\$WorkDirectory.*,\$WorkDirectory $work/spool," /etc/rsyslog.conf >"$work/stock.conf"
        check "$stanza: valid below this system's rsyslog.conf" valid "$work/stock.conf"
    fi
done
if [ -n "${OAJ_QUICK-}" ]; then
    tap_skip "OAJ_QUICK is set: no stanza used for real"
    tap_done
fi

# -- lines longer than rsyslog's own limit, the message size being set in an included file ---------
fresh
receiver_stop
receiver_start
oaj_conf "receiver = json-array"
rsyslog_conf direct "" "$quick_stop"
perl -e 'print "type=EXECVE msg=audit(1795356082.001:7): argc=1 a0=\"", "x" x 30000, "\"\n"' \
    >"$work/audit/audit.log"
fed=("$work/audit/audit.log")
{
    printf '%s\n' 'module(load="imuxsock" SysSock.Use="off")' "\$WorkDirectory $work/spool" \
        "\$IncludeConfig $work/stock/*.conf"
} >"$work/stock.conf"
grep -v '^global(' "$work/rsyslog.conf" >"$work/stock/60-omauditjson.conf"
cp "$work/stock.conf" "$work/rsyslog.conf"
rsyslogd_start
finish_test "a line of 30,000 bytes" 10 1 --exactly-once
receiver_stop

# -- auditd's syslog plugin ------------------------------------------------------------------------
if command -v logger >/dev/null; then
    fresh
    receiver_start
    oaj_conf "receiver = json-array"
    rsyslog_conf audisp-syslog 'module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="'"$work/log.sock"'" RateLimit.Interval="0")'
    # the plugin writes a blank for 0x1d; what arrives has it again
    head -n 1500 "$srcdir/tests/data/host-enriched.log" >"$work/enriched.in"
    tr '\035' ' ' <"$work/enriched.in" >"$work/plugin.in"
    fed=("$work/enriched.in")
    rsyslogd_start
    logger -u "$work/log.sock" -t audisp-syslog "syslog plugin initialized"
    logger -u "$work/log.sock" -t other "a neighbour's type=SYSCALL msg=audit(1.001:1): x=1"
    logger -u "$work/log.sock" -t audisp-syslog --size 32KiB -f "$work/plugin.in"
    finish_test "audisp-syslog" 20 "$(events_in "$work/plugin.in")" --exactly-once
    check "audisp-syslog: the neighbour stays in syslog" grep -q neighbour "$work/internal.log"
    receiver_stop
else
    tap_skip "no logger: audisp-syslog"
fi

# -- the kernel's log ------------------------------------------------------------------------------
# The kernel writes numbers for types; the oracle wants the names.
canonical() {
    awk '
        BEGIN {
            split("1006 LOGIN 1100 USER_AUTH 1103 CRED_ACQ 1112 USER_LOGIN 1130 SERVICE_START " \
                "1131 SERVICE_STOP 1300 SYSCALL 1302 PATH 1305 CONFIG_CHANGE 1306 SOCKADDR " \
                "1307 CWD 1309 EXECVE 1318 OBJ_PID 1320 EOE 1321 BPRM_FCAPS 1325 NETFILTER_CFG " \
                "1326 SECCOMP 1327 PROCTITLE 1334 BPF 1400 AVC 1403 MAC_POLICY_LOAD " \
                "1404 MAC_STATUS 1700 ANOM_PROMISCUOUS 1701 ANOM_ABEND 2000 KERNEL", w, " ")
            for (i = 1; i in w; i += 2) name[w[i]] = w[i + 1]
        }
        sub(/^.*audit: type=/, "") {
            n = $1
            sub(/^[0-9]+ /, "")
            print "type=" ((n in name) ? name[n] : "UNKNOWN[" n "]") " msg=" $0
        }'
}
# It writes records that never happened into the kernel's log: not on anybody's real machine.
kernel_log() { dd if=/dev/kmsg iflag=nonblock bs=8192 2>/dev/null; }
# What former runs left there would be lost one by one while the test reads: first push it out.
kernel_log_fresh() {
    for _ in $(seq 40); do
        kernel_log | grep -q ';audit: type=' || return 0
        for _ in $(seq 200); do
            printf '<15>%0900d\n' 0 >/dev/kmsg
        done
    done
    return 1
}
if [ -z "${CI-}" ]; then
    tap_skip "kmsg: writes into the kernel's log, so only where CI is set"
elif [ "$(id -u)" = 0 ] && [ -w /dev/kmsg ] && dd if=/dev/kmsg of=/dev/null count=1 iflag=nonblock bs=8192 2>/dev/null && kernel_log_fresh; then
    fresh
    receiver_start
    oaj_conf "receiver = json-array"
    rsyslog_conf kmsg 'module(load="imkmsg")'
    # each line by an open of its own: the kernel limits how much one may write
    gen --seed 21 --events 20 --kernel --long 0 --start "$(date +%s)" | while IFS= read -r line; do
        printf '<13>%s\n' "$line" >/dev/kmsg
    done
    # that log has what this kernel wrote itself as well
    kernel_log | sed -n 's/^[^;]*;audit: type=/audit: type=/p' |
        canonical >"$work/kmsg.in"
    fed=("$work/kmsg.in")
    check "kmsg: the lines are there" test "$(lines "$work/kmsg.in")" -ge 60
    rsyslogd_start
    finish_test "kmsg" 20 "$(events_in "$work/kmsg.in")"
    # it reads all of it again: known
    n=$(lines "$out")
    rm -f "$work/stats.json"
    rsyslogd_start
    check "kmsg: read again, and known" wait_until 10 stat_reaches repeats "$(lines "$work/kmsg.in")"
    check "kmsg: stop" rsyslogd_stop
    is "$(lines "$out")" "$n" "kmsg: and not sent again"
    receiver_stop
else
    tap_skip "not root, or no /dev/kmsg that can be read back: kmsg"
fi

# -- journald --------------------------------------------------------------------------------------
# A journal file made by systemd-journal-remote, in a mount namespace of our own where journald's
# folder is.
journal_remote=/lib/systemd/systemd-journal-remote
namespace=(unshare --mount)
[ "$(id -u)" = 0 ] || namespace=(unshare --map-root-user --mount)
in_namespace() {
    # shellcheck disable=SC2016 # its own bash expands it
    "${namespace[@]}" bash -c '
        mount -t tmpfs tmpfs /run && mkdir -p "/run/log/journal/$2" || exit 99
        [ ! -d /var/log/journal ] || mount -t tmpfs tmpfs /var/log/journal || exit 99
        cp "$1" "/run/log/journal/$2/system.journal" || exit 99
        shift 2
        exec "$@"' bash "$work/audit.journal" "$(</etc/machine-id)" "$@"
}
# journald's export format; a field with a control character has its length before it.
export_journal() {
    perl -ne '
        next unless /^type=(\S+) msg=audit\((\d+)\.(\d+):(\d+)\): (.*)$/s;
        my ($type, $s, $ms, $serial, $text) = ($1, $2, $3, $4, "$1 $5");
        chomp $text;
        $n++;
        printf "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n", 1795356082000000 + $n, 1000 + $n;
        print "_BOOT_ID=0123456789abcdef0123456789abcdef\n_MACHINE_ID=$ENV{machine}\n_TRANSPORT=audit\n";
        print "SYSLOG_FACILITY=4\nSYSLOG_IDENTIFIER=audit\nPRIORITY=5\n_AUDIT_TYPE_NAME=$type\n";
        print "_AUDIT_ID=$serial\n_SOURCE_REALTIME_TIMESTAMP=$s${ms}000\n";
        print "MESSAGE\n", pack("Q<", length $text), $text, "\n\n";'
}
if [ -x "$journal_remote" ] && [ -s /etc/machine-id ] && [ -e "$(dirname "$(command -v rsyslogd)")" ]; then
    fresh
    receiver_start
    oaj_conf "receiver = json-array"
    head -n 1500 "$srcdir/tests/data/host-enriched.log" | grep -v '^type=LOGIN ' >"$work/journal.in"
    fed=("$work/journal.in")
    machine=$(</etc/machine-id) export machine
    export_journal <"$work/journal.in" | "$journal_remote" -o "$work/audit.journal" - >"$work/remote.out" 2>&1
    if ! in_namespace true 2>/dev/null; then
        tap_skip "no mount namespace of our own: journal"
    else
        rsyslog_conf journal ""
        rsyslogd_start in_namespace
        finish_test "journal" 20 "$(events_in "$work/journal.in")" --exactly-once
    fi
else
    tap_skip "no systemd-journal-remote: journal"
fi
tap_done
