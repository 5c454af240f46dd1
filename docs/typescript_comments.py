#!/usr/bin/env python3
"""Every class, interface, function and method of a .d.ts file has a comment above it.

usage: typescript_comments.py FILE
"""
import re
import sys

DECLARATION = re.compile(r"(export (class|interface|function) (?P<name>\w+))|(  (static )?(?P<method>\w+)\()")
FREE = {"constructor"}  # what its class says


def uncommented(lines):
    """Names without a word about them; a name that was spoken of once may be declared again."""
    said, found, above = set(), [], False
    for line in lines:
        match = DECLARATION.match(line)
        name = match and (match["name"] or match["method"])
        if name and not above and name not in FREE and not (match["name"] and name in said):
            found.append(name)
        if name and match["name"]:
            said.add(name)
        above = line.rstrip().endswith("*/")
    return found


def main():
    assert uncommented(["/** A. */", "export class A {", "  constructor(a);", "  b(): void;", "  /** C. */", "  c(): void;"]) == ["b"]
    with open(sys.argv[1], encoding="utf-8") as file:
        found = uncommented(file)
    sys.exit(f"without a word about it: {found}" if found else 0)


if __name__ == "__main__":
    main()
