# SPDX-License-Identifier: Apache-2.0
"""validate.py FOLDER-OF-SCHEMAS FILE...: every document of the golden files against its format's
schema, by python3-jsonschema, which shares nothing with our own code; TAP on standard output.
NAME.FORMAT.json is of that format where there is such a schema, else of audisp-json. What the
schema says is tried as well: documents that were spoilt on purpose must be refused."""
import copy
import json
import os
import sys

from jsonschema import Draft202012Validator

SUFFIX = ".schema.json"
number = 0


def result(ok, name, notes=()):
    global number
    number += 1
    for note in notes:
        print("#", note[:400])
    print("ok" if ok else "not ok", number, "-", name, flush=True)


def load(folder):
    schemas = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(SUFFIX):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                schema = json.load(f)
            Draft202012Validator.check_schema(schema)
            schemas[name[: -len(SUFFIX)]] = Draft202012Validator(schema)
    return schemas


def format_of(path, schemas):
    parts = os.path.basename(path).split(".")
    return parts[-2] if parts[-2] in schemas else "audisp-json"


def examples(validator):
    """The schema's own examples, each against the part of it that it stands in."""
    faults = []

    def walk(part, path):
        if isinstance(part, dict):
            for example in part.get("examples", ()):
                faults.extend(
                    f"{path}: {e.message}" for e in validator.evolve(schema=part).iter_errors(example)
                )
            for key, value in part.items():
                walk(value, path + "/" + key)

    walk(validator.schema, "")
    return faults


def objects(value, found):
    if isinstance(value, dict):
        found.append(value)
        for v in value.values():
            objects(v, found)
    elif isinstance(value, list):
        for v in value:
            objects(v, found)
    return found


def spoilt(document, schema):
    """(what was done, the document then)"""
    for key in schema["required"]:
        d = copy.deepcopy(document)
        del d[key]
        yield "without " + key, d
    for key in document:
        d = copy.deepcopy(document)
        d[key] = 1.5
        yield key + " is a number", d
        d[key] = None
        yield key + " is null", d
    d = copy.deepcopy(document)
    d["no such key"] = "x"
    yield "one more key", d
    for i in range(len(objects(document, []))):
        d = copy.deepcopy(document)
        objects(d, [])[i]["no such key "] = "x"
        yield f"one more key in object {i}", d
    for key, part in schema["properties"].items():
        if "pattern" in part and key in document:
            d = copy.deepcopy(document)
            d[key] += " \n"
            yield key + " against its pattern", d


def main():
    schemas = load(sys.argv[1])
    documents = {name: [] for name in schemas}
    for path in sys.argv[2:]:
        name = format_of(path, schemas)
        faults, n = [], 0
        with open(path, encoding="utf-8") as f:
            for n, line in enumerate(f, 1):
                document = json.loads(line)
                documents[name].append(document)
                for e in schemas[name].iter_errors(document):
                    where = "/".join(str(p) for p in e.absolute_path)
                    faults.append(f"{n}: {where}: {e.message}")
        result(not faults, f"{os.path.basename(path)}: {n} documents of {name}", faults[:10])
    for name, validator in schemas.items():
        faults = examples(validator)
        result(not faults, f"{name}: the schema's examples", faults)
        accepted, tried = [], 0
        for document in documents[name][:20]:
            for what, d in spoilt(document, validator.schema):
                tried += 1
                if validator.is_valid(d):
                    accepted.append(what)
        result(not accepted and tried, f"{name}: {tried} spoilt documents are refused", accepted[:10])
    print(f"1..{number}")


main()
