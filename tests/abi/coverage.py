#!/usr/bin/env python3
"""Every function of conclave.h and its parts is used by every binding, or stands in unused.txt with the reason why it is not.

usage: coverage.py [--self-test]
"""
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BINDINGS = HERE.parents[1] / "bindings"
# Where a binding's sources are, and how they call a function of the C interface.
LANGUAGES = {
    "python": ("python/conclave/*.py", r"\b_?lib\.({name})\b"),
    "node": ("node/src/*.cpp", r"(?<![\w.])({name})\("),
    "rust": ("rust/src/*.rs", r"\b(?:conclave_)?sys::({name})\("),
    "rust-sys": ("rust/sys/src/lib.rs", r"\bpub fn ({name})\("),
}


def functions(header):
    return set(re.findall(r"^CONCLAVE_API [\w ]+?\*? ?(conclave_\w+)\(", header, flags=re.M))


def used(text, pattern):
    return set(re.findall(pattern.format(name=r"conclave_\w+"), re.sub(r"//[^\n]*|^\s*#[^\n]*", "", text, flags=re.M)))


def reasons(text):
    """(language, function) to its reason."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            language, name, reason = (line.split(None, 2) + ["", ""])[:3]
            found[language, name] = reason
    return found


def judge(header, sources, excused):
    """What is wrong, as sentences."""
    all_of_them, wrong = functions(header), []
    for language, (_, pattern) in LANGUAGES.items():
        calls = used(sources[language], pattern)
        for name in sorted(all_of_them - calls):
            if not excused.get((language, name)):
                wrong.append(f"{language} does not use {name}, and unused.txt gives no reason")
        wrong += [f"{language} uses {name}, which conclave.h does not have" for name in sorted(calls - all_of_them) if not name.startswith(("conclave_python_", "conclave_handle"))]
    for language, name in excused:
        if name not in all_of_them or language not in LANGUAGES:
            wrong.append(f"unused.txt: there is no {name} for {language}")
        elif name in used(sources[language], LANGUAGES[language][1]):
            wrong.append(f"unused.txt: {language} uses {name} after all")
    return wrong


def self_test():
    header = "CONCLAVE_API conclave_result conclave_one(int a);\nCONCLAVE_API const char* conclave_two(void);\n"
    whole = {"python": "lib.conclave_one(1); lib.conclave_two()", "node": "conclave_one(1); conclave_two()",
             "rust": "sys::conclave_one(1); sys::conclave_two()", "rust-sys": "pub fn conclave_one(\npub fn conclave_two("}
    assert judge(header, whole, {}) == []
    assert judge(header, {**whole, "node": "conclave_one(1); // conclave_two()"}, {}) == ["node does not use conclave_two, and unused.txt gives no reason"]
    assert judge(header, {**whole, "node": "conclave_one(1)"}, reasons("# a\nnode conclave_two has a reason")) == []
    assert len(judge(header, {**whole, "node": "conclave_one(1)"}, reasons("node conclave_two"))) == 1
    assert len(judge(header, whole, reasons("rust conclave_two why"))) == 1
    assert len(judge(header, whole, reasons("rust conclave_three why"))) == 1
    assert len(judge(header, {**whole, "rust": whole["rust"] + "sys::conclave_three("}, {})) == 1


def headers(folder):
    """What is wrong with the header and its parts, as sentences; and all of them as one text."""
    main, parts = folder / "conclave.h", sorted((folder / "conclave/c").glob("*.h"))
    included = set(re.findall(r'^#include "(conclave/c/\w+\.h)"', main.read_text(), flags=re.M))
    wrong = [f"conclave.h does not include {path.relative_to(folder)}" for path in parts if str(path.relative_to(folder)) not in included]
    lines = {path.name: path.read_text().count("\n") for path in [main, *parts]}
    wrong += [f"{name} has {count} lines, more than the 200 that one can read" for name, count in lines.items() if count > 200]
    return wrong, "\n".join(path.read_text() for path in [main, *parts])


def main():
    self_test()
    sources = {name: "\n".join(path.read_text() for path in sorted(BINDINGS.glob(files))) for name, (files, _) in LANGUAGES.items()}
    wrong, header = headers(BINDINGS / "c")
    wrong += judge(header, sources, reasons((HERE / "unused.txt").read_text()))
    print(len(functions(header)), "functions in", len(LANGUAGES), "bindings")
    sys.exit("\n".join(wrong) if wrong else 0)


if __name__ == "__main__":
    main()
