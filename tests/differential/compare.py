#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare.py DIFFERENCES LOG DOCUMENTS AUSEARCH: every field of every record of LOG, as `omauditjson
convert` wrote it (DOCUMENTS, JSON lines) against what `ausearch -i` made of it (AUSEARCH).

DIFFERENCES is the list of places where the two may differ, and why; see there. What differs and is
not in the list is printed, and the exit status is 1. Shares no code with the program, on purpose."""

import codecs
import collections
import fnmatch
import json
import os
import re
import sys

# Types that ausearch 3.0.9 has no name for.
YOUNGER = {
    "UNKNOWN[1338]": "DM_CTRL",
    "UNKNOWN[1339]": "DM_EVENT",
    "UNKNOWN[1420]": "IPE_ACCESS",
    "UNKNOWN[1421]": "IPE_CONFIG_CHANGE",
    "UNKNOWN[1422]": "IPE_POLICY_LOAD",
    "UNKNOWN[1423]": "LANDLOCK_ACCESS",
    "UNKNOWN[1424]": "LANDLOCK_DOMAIN",
    "UNKNOWN[1425]": "MAC_TASK_CONTEXTS",
    "UNKNOWN[1426]": "MAC_OBJ_CONTEXTS",
}
HEADER = re.compile(rb"^(?:node=(\S+) )?type=(\S+) msg=audit\((\d+)\.(\d+):(\d+)\): ?(.*)$", re.S)
PRINTED = re.compile(
    rb"^(?:node=(\S+) )?type=(\S+) msg=audit\((\S+) (\S+?)\.(\d+):(\d+)\) : ?(.*)$", re.S
)
FIELD = re.compile(rb"(?:^|[\s'(])([A-Za-z_][A-Za-z0-9_.\[\]-]{0,63})=")
HEX = re.compile(rb"(?:[0-9A-F][0-9A-F])+$")
ARGUMENT = re.compile(r"a(\d+)(?:\[(\d+)\])?$")

# our key for a field of the event's subject, its SYSCALL record or its first
SUBJECT = {"comm": "processname", "exe": "process", "auid": "originaluid", "ses": "session"}
SAME = (
    "uid tty pid ppid gid euid suid fsuid egid sgid fsgid syscall arch success exit "
    "a0:domain a1:type a2:protocol key:auditkey"
)
CRYPTO = "rport:sourceport laddr:destinationipaddress lport:destinationport"
# our key for a field of certain records, or of any
RECORD = {
    "PATH": "name:path inode dev mode ouid ogid rdev",
    "CWD": "cwd",
    "PROCTITLE": "proctitle",
    "EXECVE": "argc",
    "ANOM_PROMISCUOUS": "dev prom:promiscious old_prom:old_promicious",
    "NETFILTER_PKT": "saddr:sourceipaddress daddr:destinationipaddress sport:sourceport "
    "dport:destinationport",
    "AVC": "apparmor:aaresult operation:aacoperation profile:aaprofile comm:aacommand "
    "error:aaerror name:aaname srcname:aasrcname flags:aaflags saddr:sourceipaddress "
    "daddr:destinationipaddress src:sourceport dest:destinationport comm:processname pid",
    "LANDLOCK_ACCESS": "daddr:destinationipaddress dest:destinationport src:sourceport",
    "MAC_IPSEC_EVENT": "src:sourceipaddress dst:destinationipaddress",
    "CRYPTO_SESSION": CRYPTO,
    "CRYPTO_KEY_USER": CRYPTO,
    "*": "op acct exe addr port:sourceport terminal res seresult seperms scontext tcontext tclass",
}
NAMES = {"auid": "originaluser", "uid": "user"}


def one_each(error):
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error("one_each", one_each)


def text(data):
    return data.decode("utf-8", "one_each")


def keys(table):
    result = collections.defaultdict(list)
    for pair in table.split():
        name, _, key = pair.partition(":")
        result[name].append(key or name)
    return result


SUBJECT_KEYS = keys(SAME)
for field_name, its_key in SUBJECT.items():
    SUBJECT_KEYS[field_name].append(its_key)
RECORD_KEYS = {record: keys(table) for record, table in RECORD.items()}


def old_login(kind, body):
    """Old kernels: "old auid=1 new auid=2"."""
    if kind != b"LOGIN":
        return body
    return re.sub(rb"\bnew (\w+=)", rb"\1", re.sub(rb"\bold (\w+=)", rb"old-\1", body))


def split_raw(kind, body):
    """The fields of a record as it stands: [(name, value, quoted)]."""
    fields = []
    body = old_login(kind, body)
    avc = re.match(rb"(.*?msg=')?avc:\s+(\S+)\s+\{ (.*?) \} for ", body)
    if avc and kind in (b"AVC", b"USER_AVC"):
        fields += [("seresult", avc.group(2), False)]
        fields += [("seperms", b",".join(avc.group(3).split()), False)]
        body = (avc.group(1) or b"")[: -len(b"msg='")] + body[avc.end() :]
    at, nested = 0, False
    while True:
        match = FIELD.search(body, at)
        if not match:
            break
        name, start = match.group(1), match.end()
        if name == b"msg" and body[start : start + 1] == b"'" and not nested:
            nested, at = True, start
            body = body.rstrip()
            body = body[:-1] if body.endswith(b"'") else body
            continue
        if body[start : start + 1] == b'"':
            close = re.compile(rb'"(?=[\s,)\']|$)').search(body, start + 1)
            if close:
                fields.append((text(name), body[start + 1 : close.start()], True))
                at = close.end()
                continue
        after = FIELD.search(body, start)
        end = after.start() if after else len(body)
        fields.append((text(name), body[start:end].strip(), False))
        at = end
    return fields


def split_printed(kind, names, body):
    """What ausearch printed for the fields of these names, in their order; None: not there."""
    values, at = [], 0
    body = old_login(kind, body)
    avc = re.search(rb"avc:\s+(\S+)\s+\{ (.*?) \} for ", body)
    if avc and names[:2] == ["seresult", "seperms"]:
        values = [avc.group(1), b",".join(avc.group(2).split())]
        names = names[2:]
    spots = []
    for name in names:
        spot = re.compile(rb"(?:^|[\s'(])" + re.escape(name.encode()) + rb"=").search(body, at)
        spots.append(spot)
        if spot:
            at = spot.end() - 1
    for i, spot in enumerate(spots):
        if not spot:
            values.append(None)
            continue
        later = next((s.start() for s in spots[i + 1 :] if s), len(body))
        value = body[spot.end() : later]
        value = value[:-1] if value.endswith(b" ") and later == len(body) else value
        values.append(value.partition(b" msg=")[0])
    if values and values[-1] and b"msg='" in body and values[-1].endswith(b"'"):
        values[-1] = values[-1][:-1]
    return values


def unescape(value):
    """ausearch prints a control character as a backslash and three octal digits."""
    return re.sub(rb"\\([0-3][0-7][0-7])", lambda m: bytes([int(m.group(1), 8)]), value)


def read_differences(path):
    rules = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = line.split(None, 4)
            if len(parts) < 5:
                sys.exit(f"{path}:{number}: a row is LOG TYPE FIELD RULE WHY")
            rules.append(parts)
    return rules


class Event:
    def __init__(self):
        self.records = []  # (type, fields, enriched)
        self.printed = collections.defaultdict(list)
        self.documents = []


def load(log, documents, ausearch):
    events = collections.OrderedDict()
    with open(log, "rb") as data:
        for line in data.read().split(b"\n"):
            body, _, enriched = line.partition(b"\x1d")
            match = HEADER.match(body)
            if not match or match.group(2) == b"EOE":
                continue
            event = events.setdefault((text(match.group(1) or b""), int(match.group(5))), Event())
            event.records.append((match.group(2), split_raw(match.group(2), match.group(6)), enriched))
    with open(ausearch, "rb") as data:
        last = None
        for line in data.read().split(b"\n"):
            match = PRINTED.match(line)
            if match:
                key = (text(match.group(1) or b""), int(match.group(6)))
                last = events[key].printed[match.group(2)] if key in events else []
                last.insert(0, match.group(7))  # the last record comes first
            elif line and last and not line.startswith((b"----", b"time->")):
                last[0] += b"\n" + line
    with open(documents, encoding="utf-8") as lines:
        for line in lines:
            doc = json.loads(line)
            details = doc["details"]
            key = (details.get("node", ""), int(details["auditserial"]))
            events[key].documents.append(doc)
    return events


class Compare:
    def __init__(self, rules, log):
        self.rules = [r for r in rules if fnmatch.fnmatch(log, r[0])]
        self.log = log
        self.fields = self.different = 0
        self.used = collections.Counter()

    def rule(self, kind, field, theirs=""):
        for row in self.rules:
            pattern, arrow, rule = row[3].rpartition(">")
            if (
                fnmatch.fnmatchcase(kind.replace("[", "("), row[1])
                and fnmatch.fnmatchcase(field, row[2])
                and (not arrow or fnmatch.fnmatchcase(theirs, pattern))
            ):
                self.used[tuple(row)] += 1
                return rule
        return "same"

    def complain(self, serial, kind, field, ours, theirs):
        self.different += 1
        if self.different <= 40:
            print(f"{self.log}:{serial}: {kind}.{field}: ours {ours!r:.300}, ausearch {theirs!r:.300}")

    def ours(self, doc, kind, field, subject, nth):
        """All the values that the document has for this field."""
        details = doc["details"]
        values = []
        wanted = list(SUBJECT_KEYS.get(field, ())) if subject else []
        for table in (YOUNGER.get(kind, kind), "*"):
            wanted += RECORD_KEYS.get(table, {}).get(field, ())
        values += [details[k] for k in wanted if k in details]
        if kind == "PATH":
            paths = details.get("paths", [])
            if nth < len(paths):
                values = [paths[nth].get("nametype" if field == "objtype" else field)]
        word = re.sub(r"[^a-z0-9-]", "_", YOUNGER.get(kind, kind).lower())
        name = re.sub(r"[.\[\]]", "_", field)
        left = details.get("fields", {}).get(word + "_" + name)
        if left is not None:
            values += [left] + left.split("\n")
        return [v for v in values if v is not None]

    def expected(self, rule, raw, quoted, printed):
        """The values that ours may be; None: any."""
        plain = text(raw)
        if rule == "ours":
            return None
        if rule.startswith("="):
            return [rule[1:]]
        if rule == "raw":
            return [plain]
        if rule == "hex":
            return [plain if quoted or not HEX.match(raw) else text(bytes.fromhex(plain))]
        theirs = unescape(printed)
        if quoted and theirs == b'"' + raw + b'"':
            theirs = raw  # ausearch leaves the quotes on what it has no type for
        values = [text(theirs)]
        if theirs.rstrip(b" ") == raw:
            values.append(plain)  # there may be two blanks between two fields
        return values

    def check(self, serial, doc, kind, field, subject, nth, value, printed, arch_is_known):
        raw, quoted = value
        self.fields += 1
        ours = self.ours(doc, kind, field, subject, nth)
        if field == "key" and printed:
            ours.append("\x01".join(doc["details"].get("auditkeys", [])))
            printed = printed.replace(b" key=", b"\x01")
        theirs = text(printed or b"")
        rule = self.rule(kind, field, theirs)
        if field == "syscall" and not arch_is_known and rule == "same":
            rule = "raw"  # ausearch then says what the number means on its own machine
        if field in ("arch", "syscall") and kind == "SYSCALL" and not subject:
            rule = "raw"  # of a second SYSCALL record, all of which is in details.fields
        if rule == "skip" or raw == b"" or (raw == b"(null)" and not quoted):
            return
        if rule == "saddr":
            self.check_address(serial, doc, text(raw), printed, ours)
            return
        if printed is None and rule == "same":
            self.complain(serial, kind, field, ours, "nothing: ausearch does not print the field")
            return
        expected = self.expected(rule, raw, quoted, printed)
        if expected is None:
            if not ours:
                self.complain(serial, kind, field, ours, "something")
        elif not any(e in ours or e.replace("\n", " ") in ours for e in expected):
            self.complain(serial, kind, field, ours, expected[0])
        if subject and field in NAMES and printed is not None and theirs != text(raw):
            name, mine = theirs.rstrip(" "), doc["details"].get(NAMES[field])
            if name.startswith("unknown("):
                name = None
            if name != mine:
                self.complain(serial, kind, field + " (name)", mine, name)

    def check_address(self, serial, doc, raw, printed, ours):
        details, shown = doc["details"], text(unescape(printed or b""))
        family = re.search(r"saddr_fam=(\S+)", shown)
        address = re.search(r"(?:laddr|addr)=(\S+)", shown)
        port = re.search(r"(?:lport|port)=(\d+)", shown)
        path = re.search(r"path=(.*) }$", shown, re.S)
        pairs = [("saddr_family", family and family.group(1))]
        if family and family.group(1) in ("inet", "inet6"):
            for name, match in (("ipaddress", address), ("port", port)):
                key = next((k + name for k in ("source", "destination") if k + name in details), name)
                pairs.append((key, match and match.group(1)))
        elif path and family.group(1) == "local":
            pairs.append(("saddr_path", path.group(1)))
        for key, theirs in pairs:
            mine = details.get(key)
            if key == "saddr_path" and mine and mine.startswith(("\0", "@")):
                mine = mine[1:]  # ausearch does not show that a name is abstract
            if theirs is not None and mine != theirs:
                self.complain(serial, "SOCKADDR", key, mine, theirs)
        if family is None and raw not in ours and self.rule("SOCKADDR", "undecoded") != "ours":
            self.complain(serial, "SOCKADDR", "saddr", ours, raw)

    def arguments(self, serial, doc, records, printed):
        """EXECVE: the pieces of each argument, joined."""
        theirs, mine = collections.defaultdict(dict), doc["details"].get("argv", [])
        for (kind, fields, _), lines in zip(records, printed):
            values = split_printed(kind, [f[0] for f in fields], lines)
            for (name, raw, quoted), value in zip(fields, values):
                match = ARGUMENT.match(name)
                if match and value is not None:
                    number, piece = int(match.group(1)), int(match.group(2) or 0)
                    theirs[number].setdefault(piece, unescape(value))
        joined = [text(b"".join(p[k] for k in sorted(p))) for _, p in sorted(theirs.items())]
        self.fields += len(joined)
        if joined != mine and self.rule("EXECVE", "argv") != "ours":
            bad = next((i for i, (a, b) in enumerate(zip(joined, mine)) if a != b), len(mine))
            self.complain(serial, "EXECVE", f"a{bad}", mine[bad : bad + 1], joined[bad : bad + 1])

    def event(self, serial, event):
        if len(event.documents) != 1:
            self.complain(serial, "-", "-", f"{len(event.documents)} documents", "one event")
            return
        doc = event.documents[0]
        kinds = [text(r[0]) for r in event.records]
        first = next((kinds.index(k) for k in ("SYSCALL", "URINGOP") if k in kinds), 0)
        if int(doc["details"]["records"]) not in (len(kinds), len(kinds) + 1):  # EOE counts
            self.complain(serial, "-", "records", doc["details"]["records"], len(kinds))
        seen = collections.Counter()
        execve = []
        for i, record in enumerate(event.records):
            kind, fields = kinds[i], record[1]
            nth = seen[kind]
            seen[kind] += 1
            printed = event.printed.get(record[0], [])
            if nth >= len(printed):
                if self.rule(kind, "-") != "missing":
                    self.complain(serial, kind, "-", "a record", "nothing: ausearch drops it")
                line = b""
                values = [None] * len(fields)
            else:
                line = printed[nth]
                values = split_printed(record[0], [f[0] for f in fields], line)
            if kind == "EXECVE":
                execve.append((record, line))
                continue
            done = set()
            known = b"arch=unknown-elf-type(" not in line
            for (name, raw, quoted), value in zip(fields, values):
                if name not in done and line:
                    self.check(serial, doc, kind, name, i == first, nth, (raw, quoted), value, known)
                done.add(name)
        if execve:
            self.arguments(serial, doc, [r for r, _ in execve], [l for _, l in execve])


def main():
    differences, log, documents, ausearch = sys.argv[1:]
    events = load(log, documents, ausearch)
    compare = Compare(read_differences(differences), os.path.basename(log))
    for (_, serial), event in events.items():
        compare.event(serial, event)
    print(f"{len(events)} events, {compare.fields} fields, {compare.different} unexplained differences")
    used = os.environ.get("USED_RULES")
    if used:
        with open(used, "a", encoding="utf-8") as out:
            for row in compare.used:
                out.write("\t".join(row).rstrip() + "\n")
    return 1 if compare.different or not events else 0


sys.exit(main())
