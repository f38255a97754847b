#!/usr/bin/env python3
"""Writes a first corpus for `schema_pair`: adjacent versions of the retail schemas, and small pairs for every keyword."""

import itertools
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEYWORDS = [
    {"type": "string", "minLength": 2, "pattern": "^[a-z]+$"},
    {"type": ["integer", "null"], "minimum": 0, "multipleOf": 3},
    {"enum": [1, "a", None], "x-open-enum": True},
    {"properties": {"a": {"$ref": "#/$defs/d"}}, "required": ["a"], "$defs": {"d": {"const": 1}}},
    {"patternProperties": {"^x-": {}}, "additionalProperties": False, "propertyNames": {"maxLength": 9}},
    {"items": {"$ref": "#"}, "uniqueItems": True, "contains": {"type": "array"}, "maxContains": 2},
    {"prefixItems": [{}, {"not": {}}], "unevaluatedItems": {"type": "string"}},
    {"anyOf": [{"required": ["a"]}, {"properties": {"b": {}}}], "unevaluatedProperties": False},
    {"oneOf": [{"type": "string"}, {"maxLength": 3}], "not": {"const": "b"}},
    {"if": {"required": ["a"]}, "then": {"dependentSchemas": {"a": {"minProperties": 2}}}, "else": False},
    {"$dynamicRef": "#n", "$defs": {"n": {"$dynamicAnchor": "n", "type": "object"}}},
    {"exclusiveMinimum": True, "minimum": 1e400, "dependencies": {"a": ["b"]}},
]


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    texts = [json.dumps(schema) for schema in KEYWORDS if "Infinity" not in json.dumps(schema)]
    pairs = list(itertools.product(texts, texts))
    for newer in sorted(ROOT.glob("schemas/retail/*/*/[2-9].json")):
        older = newer.with_name(f"{int(newer.stem) - 1}.json")
        pairs.append((older.read_text(), newer.read_text()))
    for number, (old, new) in enumerate(pairs):
        (folder / f"seed-{number:03}").write_bytes(old.encode() + b"\0" + new.encode())
    print(f"{len(pairs)} seeds in {folder}")


if __name__ == "__main__":
    main()
