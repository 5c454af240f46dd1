#!/usr/bin/env python3
"""Checks that the house stands as it was drawn: layering, sizes, and what must not appear where.

usage: check.py [--root DIR] [--quiet] [--list]

Each src/MODULE/.may_include (and that of a folder below it, which adds to its module's) says what the module's files may include:
  modules:   modules whose every header is open to it (its own always is)
  headers:   single headers of other modules
  public:    headers of include/conclave that belong to it; a public header brings along what it includes
  external:  headers of libraries; "openssl/" stands for all below, "*" for any
Headers of the standard library are open to all, but for clocks, threads and files below `runtime`.
A function or file of pure data carries the comment "style: table" and is not measured.
"""
import argparse
import re
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_text  # noqa: E402
from std_headers import BELOW_RUNTIME, STANDARD  # noqa: E402

RULES = {
    "layering": "a file includes only what its module's .may_include opens to it",
    "module": "every folder of src is a known module with a .may_include that names known modules",
    "dag": "modules depend on each other without a cycle",
    "public": "public headers include public headers and the standard library alone; examples and bindings use no header of src",
    "file_size": "a source has at most 600 lines (a warning from 400), a public header 250 (from 200)",
    "function_size": "a function has at most 80 lines (a warning from 50)",
    "cmake_size": "the root CMake file has fewer than 150 lines, those of modules 40 (a warning from 30)",
    "runtime_only": "no clock, thread, lock or atomic stands below runtime",
    "hidden_input": "nothing below runtime reads the environment or a random source of its own",
    "output": "the library never prints below runtime",
    "throw": "nothing below runtime throws, but for want of memory",
    "expose": "secrets are exposed only where keys are at work",
    "name": "no file is called utils, common or manager",
    "pragma_once": "every header begins with #pragma once",
    "top_level": "the top level holds what every project has, and nothing else",
    "own_paths": "no path of somebody's machine stands in the repository",
    "shell": "shell scripts parse, and can be executed",
    "named_tests": "tests that the threat model names exist",
}

MODULES = ["base", "crypto", "wire", "mls", "sframe", "room", "session", "media", "transport", "relay", "conference", "runtime"]
MAY_EXPOSE = {"base", "crypto", "wire", "mls", "sframe", "session", "room", "transport"}
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "include", "src", "examples", "bindings", "tests", "docs", "README.md", "LICENSE",
             "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
CPP = {".cpp", ".h", ".c", ".hpp", ".cc"}
MEASURED = CPP | {".py", ".sh", ".proto", ".rs", ".ts"}

FORBIDDEN_BELOW_RUNTIME = {
    "runtime_only": re.compile(r"\b(mutex|shared_mutex|recursive_mutex|thread|jthread|condition_variable\w*|\w*system_clock|steady_clock|"
                               r"high_resolution_clock|atomic\w*|sleep_for|sleep_until|usleep|nanosleep|clock_gettime|gettimeofday|"
                               r"call_once|thread_local)\b|(?<![\w.>])(?:std::)?time\s*\(\s*(?:nullptr|NULL|0|&|\))"),
    "hidden_input": re.compile(r"\b(getenv|random_device|srand|getrandom)\b|(?<![\w.>])rand\s*\(\s*\)"),
    "output": re.compile(r"\b(printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|perror|cerr|cout|clog|syslog)\b"),
    "throw": re.compile(r"\bthrow\b(?!\s+std::bad_alloc\b)"),
}

# The files whose values are shared by threads without a lock: keyed contexts that each call borrows, and the end of an epoch.
MAY_USE_ATOMIC = {Path("src/crypto/pool.h"), Path("src/mls/group/claims.h"), Path("src/session/epoch_gate.h")}
# The one file above the keys that handles one: the relay's, which is none of a meeting's.
MAY_EXPOSE_TOO = {Path("src/runtime/relay_key_file.cpp")}


class House:
    def __init__(self, root):
        self.root = root
        self.failures, self.warnings, self.functions = [], [], []
        self.files = self._list_files()
        self.rules = {}

    def _list_files(self):
        """Tracked and new files; all files where there is no repository."""
        git = subprocess.run(["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, text=True) if (self.root / ".git").exists() else None
        if git is not None and git.returncode == 0:
            paths = [Path(name) for name in git.stdout.split("\0") if name]
        else:
            paths = [path.relative_to(self.root) for path in self.root.rglob("*")]
            paths = [path for path in paths if path.parts[0] not in (".git", "build", "demo") and "__pycache__" not in path.parts]
        return sorted(path for path in set(paths) if (self.root / path).is_file())

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def fail(self, rule, path, line, message):
        assert rule in RULES, rule
        self.failures.append(f"FAIL {path}{':' + str(line) if line else ''}: {rule}: {message}")

    def warn(self, rule, path, line, message):
        self.warnings.append(f"warn {path}{':' + str(line) if line else ''}: {rule}: {message}")


def read_may_include(text):
    entries = {"modules": set(), "headers": set(), "public": set(), "external": set()}
    for line in text.splitlines():
        key, _, values = line.partition("#")[0].partition(":")
        if key.strip() in entries:
            entries[key.strip()] |= set(values.split())
        elif line.partition("#")[0].strip():
            entries.setdefault("unknown", set()).add(key.strip())
    return entries


def check_modules(house):
    """Reads every .may_include; modules must be known and form a DAG."""
    for path in house.files:
        if path.parts[0] == "src" and path.name == ".may_include":
            house.rules[path.parent.relative_to("src").as_posix()] = read_may_include(house.text(path))
    folders = {path.parts[1] for path in house.files if path.parts[0] == "src" and len(path.parts) > 2}
    for folder in sorted(folders):
        if folder not in MODULES:
            house.fail("module", f"src/{folder}", 0, "not one of the modules that the design knows")
        if folder not in house.rules:
            house.fail("module", f"src/{folder}", 0, "has no .may_include")
    for folder, rules in house.rules.items():
        unknown = (rules["modules"] - set(MODULES)) | {h for h in rules["headers"] if h.split("/")[0] not in MODULES}
        for name in sorted(unknown | rules.get("unknown", set())):
            house.fail("module", f"src/{folder}/.may_include", 0, f"does not know '{name}'")
    check_dag(house)


def check_dag(house):
    edges = {}
    for folder, rules in house.rules.items():
        module = folder.split("/")[0]
        edges.setdefault(module, set()).update((rules["modules"] | {h.split("/")[0] for h in rules["headers"]}) - {module})
    done, trail = set(), []

    def visit(module):
        if module in trail:
            house.fail("dag", f"src/{module}/.may_include", 0, "a cycle: " + " -> ".join(trail[trail.index(module):] + [module]))
        elif module not in done:
            trail.append(module)
            for below in sorted(edges.get(module, ())):
                visit(below)
            done.add(trail.pop())

    for module in MODULES:
        visit(module)


def public_closure(house, names):
    """The public headers named, and all that they include."""
    open_names, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        path = Path("include/conclave") / name
        if name in open_names or path not in house.files:
            continue
        open_names.add(name)
        waiting += [h.removeprefix("conclave/") for _, h, _ in cpp_text.includes_of(house.text(path)) if h.startswith("conclave/")]
    return open_names


def rules_for(house, path):
    """What the file may include: its module's rules and those of the folders down to it, with the public headers closed."""
    merged = {"modules": set(), "headers": set(), "public": set(), "external": set()}
    parts = path.parts[1:-1]
    for depth in range(1, len(parts) + 1):
        for key, values in house.rules.get("/".join(parts[:depth]), {}).items():
            merged.setdefault(key, set()).update(values)
    names = set(merged["public"])
    for module in merged["modules"] | {"base"}:
        names |= house.rules.get(module, {}).get("public", set())
    merged["public"] = public_closure(house, names)
    return merged


def is_external(header, patterns):
    return any(p == "*" or header == p or (p.endswith("/") and header.startswith(p)) for p in patterns)


def may_include(house, path, header, rules):
    module = path.parts[1]
    if header.startswith("conclave/"):
        return header.removeprefix("conclave/") in rules["public"]
    if header in STANDARD:
        return module == "runtime" or header not in BELOW_RUNTIME or (header == "atomic" and path in MAY_USE_ATOMIC)
    if header.split("/")[0] == module or (house.root / path.parent / header).is_file():
        return True
    if header.split("/")[0] in rules["modules"] or header in rules["headers"]:
        return True
    return is_external(header, rules["external"])


def check_layering(house):
    for path in house.files:
        if path.suffix not in CPP:
            continue
        includes = list(cpp_text.includes_of(house.text(path)))
        if path.parts[0] == "src" and len(path.parts) > 2:
            rules = rules_for(house, path)
            for line, header, _ in includes:
                if not may_include(house, path, header, rules):
                    house.fail("layering", path, line, f"may not include {header}")
        elif path.parts[0] == "include":
            of_runtime = path.name in house.rules.get("runtime", {}).get("public", set())
            for line, header, _ in includes:
                if not header.startswith("conclave/") and (header not in STANDARD or header in BELOW_RUNTIME and not of_runtime):
                    house.fail("public", path, line, f"a public header may not include {header}")
        elif path.parts[0] in ("examples", "bindings") and path.parts[:2] != ("examples", "mls"):  # a laboratory looks inside
            for line, header, _ in includes:
                if header.split("/")[0] in MODULES and (house.root / "src" / header).is_file():
                    house.fail("public", path, line, f"{header} is not a public header")


def check_words(house):
    for path in house.files:
        if path.suffix not in CPP or path.parts[0] != "src" or len(path.parts) < 3:
            continue
        module, code = path.parts[1], cpp_text.code_of(house.text(path))
        for number, line in enumerate(code.split("\n"), 1):
            if line.lstrip().startswith("#"):
                continue
            if module != "runtime":
                for rule, pattern in FORBIDDEN_BELOW_RUNTIME.items():
                    for match in pattern.finditer(line):
                        if match.group(0) == "atomic" and path in MAY_USE_ATOMIC:
                            continue
                        house.fail(rule, path, number, f"'{match.group(0).strip()}' below runtime")
            if module not in MAY_EXPOSE and path not in MAY_EXPOSE_TOO and re.search(r"\bexpose(_mutable)?\s*\(", line):
                house.fail("expose", path, number, f"{module} has no business with keys")


def limit(house, rule, path, line, size, warn_at, most, what):
    if size > most:
        house.fail(rule, path, line, f"{what} has {size} lines, {most} are the most")
    elif size > warn_at:
        house.warn(rule, path, line, f"{what} has {size} lines, look again")


def check_sizes(house):
    for path in house.files:
        if path.name == "CMakeLists.txt":
            size = len(house.text(path).splitlines())
            warn_at, most = (120, 149) if len(path.parts) == 1 else (100, 120) if path.parts == ("tests", path.name) else (30, 40)
            limit(house, "cmake_size", path, 0, size, warn_at, most, "it")
        if path.suffix not in MEASURED:
            continue
        text = house.text(path)
        if cpp_text.TABLE_MARKER not in "\n".join(text.split("\n")[:10]):
            warn_at, most = (200, 250) if path.parts[0] == "include" else (400, 600)
            limit(house, "file_size", path, 0, len(text.splitlines()), warn_at, most, "it")
        if path.suffix in CPP:
            for function in cpp_text.functions_of(text):
                if not cpp_text.is_table(text, function):
                    house.functions.append((path, function))
                    limit(house, "function_size", path, function.first_line, function.lines, 50, 80, function.name)


def check_files(house):
    own_path = re.compile(r"(?<![\w.$}~-])/(home|root|Users|work|workspace)/[\w.-]")
    for path in house.files:
        if path.parts[0] not in TOP_LEVEL and not path.parts[0].startswith("."):
            house.fail("top_level", path, 0, f"{path.parts[0]} does not belong at the top level")
        if re.search(r"(^|_)(utils?|common|managers?)(_|$)", path.stem.lower()):
            house.fail("name", path, 0, "a name that says nothing")
        try:
            text = (house.root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path.suffix in (".h", ".hpp") and "bindings" not in path.parts and "#pragma once" not in text:
            house.fail("pragma_once", path, 0, "missing")
        for number, line in enumerate(text.split("\n"), 1):
            if own_path.search(line):
                house.fail("own_paths", path, number, line.strip()[:80])
        if path.suffix == ".sh" or re.match(r"#!.*\b(ba)?sh\b", text):
            check_shell(house, path)


def check_shell(house, path):
    parsed = subprocess.run(["bash", "-n", house.root / path], capture_output=True, text=True)
    if parsed.returncode != 0:
        house.fail("shell", path, 0, parsed.stderr.strip().split("\n")[0])
    if not (house.root / path).stat().st_mode & 0o100:
        house.fail("shell", path, 0, "cannot be executed")


def test_names(house):
    """Of every case of Catch2, and of every test that CMake adds by name."""
    names = []
    for path in house.files:
        if path.parts[0] != "tests":
            continue
        if path.suffix == ".cpp":
            for literals in re.findall(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', house.text(path)):
                names.append("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)))
        elif path.name == "CMakeLists.txt":
            names += re.findall(r'add_test\(NAME "([^"]+)"', house.text(path))
    return names


def check_named_tests(house):
    """What stands in italics behind "Tests:" or in a table is a test; one that ends in an ellipsis is cut."""
    page = Path("docs/threat-model.md")
    if page not in house.files:
        return
    names, files = test_names(house), {path.name for path in house.files}
    for paragraph in re.split(r"\n\s*\n|\n(?=\|)", house.text(page)):
        claims = re.sub(r"\*\*.+?\*\*", "", " ".join(paragraph.split()))
        claims = claims if claims.startswith("|") else claims.partition("Tests: ")[2]
        for name in re.findall(r"\*([^*]+)\*", claims):
            stem = name.removesuffix("…")
            if not any(each == name or (stem != name and each.startswith(stem)) for each in names):
                house.fail("named_tests", page, 0, f"there is no test '{name}'")
        for file in re.findall(r"`[\w/]*?(\w+_test\.(?:cpp|py))`", claims):
            if file not in files:
                house.fail("named_tests", page, 0, f"there is no {file}")


def check(root):
    house = House(root)
    for step in (check_modules, check_layering, check_words, check_sizes, check_files, check_named_tests):
        step(house)
    return house


def summary(house):
    library = [f.lines for path, f in house.functions if path.parts[0] in ("src", "include")]
    every = [f.lines for _, f in house.functions]
    if not every:
        return f"{len(house.files)} files, no functions"
    longest = max(house.functions, key=lambda entry: entry[1].lines)
    return (f"{len(house.files)} files; library: {len(library)} functions, median {statistics.median(library or [0]):g} lines; "
            f"with tests: {len(every)}, median {statistics.median(every):g}; longest: {longest[1].name} in {longest[0]}, {longest[1].lines}")


def main():
    parser = argparse.ArgumentParser(description="Checks layering, sizes and forbidden words of the repository.")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--quiet", action="store_true", help="no warnings")
    parser.add_argument("--list", action="store_true", help="print the rules and end")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f"{name:14} {what}" for name, what in RULES.items()))
        return 0
    house = check(arguments.root.resolve())
    print("\n".join(([] if arguments.quiet else house.warnings) + house.failures + [summary(house)]))
    print(f"{len(house.failures)} failures, {len(house.warnings)} warnings")
    return 1 if house.failures else 0


if __name__ == "__main__":
    sys.exit(main())
