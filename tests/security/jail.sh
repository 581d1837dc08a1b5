#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# jail.sh UID WRITABLE CONFINE COMMAND...: run it as UID in a mount namespace in which everything
# but the folder WRITABLE is read-only, without any capability, way to new privileges or system call
# that CONFINE does not allow. For test_sandbox.sh, as root. 77: this machine permits no such thing.
set -u
if [ "${1-}" != inside ]; then
    exec unshare --mount --propagation private -- "$0" inside "$@"
fi
shift
uid=$1 writable=$2 confine=$3
shift 3
mount --bind "$writable" "$writable" || exit 77
findmnt -rno TARGET | sort -u | while read -r target; do
    target=$(printf '%b' "$target")
    case $target in
    "$writable" | /proc | /proc/*) continue ;;
    esac
    mount -o remount,bind,ro "$target" 2>/dev/null || case $target in
    / | /tmp | /dev/shm | /var | /var/* | /home) exit 77 ;; # what matters must be
    esac
done || exit 77
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs --inh-caps=-all \
    --bounding-set=-all "$confine" "$@"
