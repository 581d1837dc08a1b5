#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""strict.py [LOG] <DOCUMENTS: is every line one JSON object as RFC 8259 has it, in UTF-8, without a
key twice, and does every record of LOG stand in exactly one of them? Another JSON parser than the
program's and than json-c, which its other tests use."""

import collections
import json
import re
import sys

HEADER = re.compile(rb"^(?:node=(\S+) )?type=(\S+) msg=audit\((\d+\.\d+):(\d+)\):")


def once(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        twice = [key for key, n in collections.Counter(keys).items() if n > 1]
        raise ValueError(f"keys that repeat: {twice}")
    return dict(pairs)


def refuse(word):
    raise ValueError(f"{word} is no JSON")


def parse(line):
    doc = json.loads(line.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    if not isinstance(doc, dict):
        raise ValueError("no object")
    json.dumps(doc, ensure_ascii=False).encode("utf-8")  # a lone surrogate can't be written
    return doc


def records_of(log):
    records = collections.Counter()
    with open(log, "rb") as lines:
        for line in lines.read().split(b"\n"):
            match = HEADER.match(line)
            if match:
                node = (match.group(1) or b"").decode("utf-8", "replace")
                records[(node, match.group(4).decode())] += 1
    return records


def main():
    wrong = documents = 0
    found = collections.Counter()
    for number, line in enumerate(sys.stdin.buffer.read().split(b"\n"), 1):
        if not line:
            continue
        documents += 1
        try:
            doc = parse(line)
        except ValueError as error:
            wrong += 1
            print(f"document {number}: {error}: {line[:200]!r}")
            continue
        details = doc.get("details", {})
        if "records" in details:
            found[(details.get("node", ""), details["auditserial"])] += int(details["records"])
    if len(sys.argv) > 1:
        records = records_of(sys.argv[1])
        for key in records.keys() | found.keys():
            if records[key] != found[key]:
                wrong += 1
                print(f"event {key}: {records[key]} records in, {found[key]} out")
    print(f"{documents} documents, {sum(found.values())} records, {wrong} wrong")
    return 1 if wrong or not documents else 0


sys.exit(main())
