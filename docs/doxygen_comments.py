#!/usr/bin/env python3
"""A filter for doxygen: the comments of conclave.h, which are plain ones, as those that it reads. A comment holds for all declarations below it, up to
the next comment or an empty line; one behind a declaration, or behind the brace that opens a struct, for that alone.

usage: doxygen_comments.py FILE
"""
import re
import sys

BEHIND = re.compile(r"(?<=\S)( *)/\* ")
OPENING = re.compile(r"(typedef struct \w+ \{) +/\* (.*) \*/$")
DECLARATION = re.compile(r"(CONCLAVE_API|typedef struct|enum \{)")


def comment_at(lines, line):
    while "*/" not in line:
        line += "\n" + next(lines)
    return line


def documented(text):
    out, above, inside = [], "", False  # `above`: the comment that holds here; `inside`: of braces
    lines = iter(text.splitlines())
    for number, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith("/*") and not inside:
            comment = comment_at(lines, stripped)
            above = "" if "----" in comment else "/**" + comment[2:].replace("#", "\\#")
            if number == 0:
                out.append(above.replace("/**", "/** @file\n *", 1))
            continue
        opening = OPENING.match(line)
        if opening:
            out.append(f"/** {opening.group(2)} */")
            line = opening.group(1)
        elif DECLARATION.match(stripped) and above and not inside and not re.search(r";.*/\*", line):
            out.append(above)
        if not stripped:
            above = ""
        out.append(BEHIND.sub(r"\1/**< ", line) if stripped.startswith("#") else BEHIND.sub(r"\1/**< ", line).replace("#", "\\#"))
        inside = (inside or (line.endswith("{") and not stripped.startswith("extern"))) and "}" not in stripped
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(documented(file.read()), end="")
