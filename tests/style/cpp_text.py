"""Just enough understanding of C++ text to measure it: code without comments, include lines, functions with their sizes."""
import re
from dataclasses import dataclass

TABLE_MARKER = "style: table"

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*(?:\\\n[^\n]*)*|/\*.*?\*/)
      |(?P<raw>\b(?:u8|[uUL])?R"(?P<delimiter>[^\s()\\]{0,16})\(.*?\)(?P=delimiter)")
      |(?P<string>"(?:[^"\\\n]|\\.)*")
      |(?P<number>\b\d[\w.']*)
      |(?P<character>'(?:[^'\\\n]|\\.)+')""",
    re.VERBOSE | re.DOTALL,
)


def blank(text):
    """The same number of lines and columns, all spaces."""
    return re.sub(r"[^\n]", " ", text)


def code_of(text):
    """The text with comments and literals blanked, line for line and column for column."""

    def replace(match):
        return match.group(0).replace("'", "_") if match.lastgroup == "number" else blank(match.group(0))

    return _TOKEN.sub(replace, text)


def includes_of(text):
    """Every include line as (line number, header, whether it stood in angle brackets)."""
    # Only comments go: the name of a quoted header is a string literal.
    bare = _TOKEN.sub(lambda m: blank(m.group(0)) if m.group("comment") else m.group(0), text)
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>\n]+)>|"([^"\n]+)")', bare, re.MULTILINE):
        yield bare.count("\n", 0, match.start()) + 1, match.group(1) or match.group(2), match.group(1) is not None


def without_preprocessor(code):
    """Blanks directives, and of each conditional all branches but the first, so that braces balance."""
    lines, out, depth_skipped, stack, continued = code.split("\n"), [], 0, [], False
    for line in lines:
        directive = re.match(r"\s*#\s*(\w+)", line)
        if continued or directive:
            word = directive.group(1) if directive and not continued else ""
            if word in ("if", "ifdef", "ifndef"):
                stack.append(False)
            elif word in ("else", "elif") and stack and not stack[-1]:
                stack[-1], depth_skipped = True, depth_skipped + 1
            elif word == "endif" and stack:
                depth_skipped -= 1 if stack.pop() else 0
            continued = line.endswith("\\")
            out.append(blank(line))
        else:
            out.append(blank(line) if depth_skipped else line)
    return "\n".join(out)


@dataclass
class Function:
    name: str
    first_line: int
    last_line: int

    @property
    def lines(self):
        return self.last_line - self.first_line + 1


_TRAILER = re.compile(r"(\)|\b(const|noexcept|override|final|mutable|try|constexpr)|&)\s*$")
_INITIALISERS = re.compile(r"\)\s*(noexcept\s*(\([^()]*\))?\s*)?:(?!:)")


def _without_groups(head):
    """The head without the contents of its parentheses and angle brackets; the parentheses themselves stay."""
    previous, head = None, head.replace("->", "  ")
    while previous != head:
        previous, head = head, re.sub(r"<[^<>]*>", " ", re.sub(r"\([^()]*\)", "\0", head))
    return head.replace("\0", "()")


def _kind_of(head):
    """What the brace after `head`, at namespace or class scope, opens: scope, function, initialiser, or member."""
    flat = _without_groups(re.sub(r"\boperator\s*(\(\s*\)|[^\s\w(]+)", "operator_x", head)).strip()
    if re.search(r"\b(namespace|extern)\b[^()]*$", flat) and "=" not in flat:
        return "scope"
    if re.search(r"=\s*\[[^\]]*\]", flat):
        return "function"
    if re.search(r"\b(class|struct|union|enum)\b", flat) and "(" not in flat.replace("alignas()", ""):
        return "scope"
    if re.search(r"(?<![=!<>])=(?!=)", flat):
        return "initialiser"
    if _INITIALISERS.search(head) and not _TRAILER.search(head):
        return "member"
    if "(" in flat:
        return "function"
    return "initialiser"


def _name_of(head):
    assigned = re.search(r"(\w+)\s*=\s*\[", head)
    if assigned:
        return assigned.group(1)
    test = re.match(r"\s*(TEST_CASE|SECTION|BENCHMARK\w*)\b", head)
    if test:
        return test.group(1)
    called = re.search(r"((?:[\w~]+(?:<[^()<>]*>)?::)*(?:operator\s*[^\s\w(]+|operator\s+\w+|[\w~]+))\s*\(", head)
    return called.group(1) if called else "?"


def _matching(code, start):
    depth = 0
    for index in range(start, len(code)):
        depth += {"{": 1, "}": -1}.get(code[index], 0)
        if depth == 0:
            return index
    return len(code) - 1


def functions_of(text):
    """Every function body in the text, those of classes included, lambdas inside functions not."""
    code = without_preprocessor(code_of(text))
    head_start, head, index, found = 0, "", 0, []
    while index < len(code):
        character = code[index]
        if character == "{":
            kind = _kind_of(head)
            if kind == "scope":
                head, head_start = "", index + 1
            else:
                end = _matching(code, index)
                if kind == "function":
                    first = head_start + len(head) - len(head.lstrip())
                    found.append(Function(_name_of(head), code.count("\n", 0, first) + 1, code.count("\n", 0, end) + 1))
                    head, head_start = "", end + 1
                else:
                    head += "()" if kind == "member" else " {} "
                index = end
        elif character in "};":
            head, head_start = "", index + 1
        else:
            if not head.strip():
                head, head_start = "", index
            head += character
            access = re.match(r"\s*(public|protected|private)\s*:(?!:)\s*$", head)
            if access:
                head, head_start = "", index + 1
        index += 1
    return found


def is_table(text, function):
    """True when the marker stands in the function or in the two lines above it."""
    lines = text.split("\n")
    return any(TABLE_MARKER in line for line in lines[max(0, function.first_line - 3):function.last_line])
