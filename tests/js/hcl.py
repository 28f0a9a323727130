"""Parses a Terraform configuration and prints what it declares and what it refers to, as JSON."""

import json
import re
import sys

import hcl2

configuration = hcl2.load(sys.stdin)
name = lambda text: text.strip('"')

declared = set()
for kind, depth, prefix in [("variable", 1, "var."), ("resource", 2, ""), ("data", 2, "data.")]:
    for block in configuration.get(kind, []):
        for first, rest in block.items():
            if first.startswith("__"):
                continue
            names = [first] if depth == 1 else [f"{name(first)}.{name(second)}" for second in rest if not second.startswith("__")]
            declared.update(prefix + name(one) for one in names)

references = set()


def collect(value):
    if isinstance(value, dict):
        for member in value.values():
            collect(member)
    elif isinstance(value, list):
        for member in value:
            collect(member)
    elif isinstance(value, str):
        references.update(re.findall(r"\b(?:var\.\w+|data\.\w+\.\w+|(?<!data\.)aws_\w+\.\w+)", value))


collect(configuration)
json.dump({"declared": sorted(declared), "references": sorted(references)}, sys.stdout)
