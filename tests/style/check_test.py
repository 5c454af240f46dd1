#!/usr/bin/env python3
"""Plants a violation of every rule in a small house, and demands that the check names it; and that the house without it passes."""
import tempfile
import unittest
from pathlib import Path

import check
import cpp_text

HOUSE = {
    "CMakeLists.txt": "project(x)\n",
    "README.md": "# x\n",
    "include/conclave/error.h": "#pragma once\n#include <string>\n",
    "include/conclave/media.h": '#pragma once\n#include "conclave/error.h"\n',
    "src/base/.may_include": "public: error.h\nexternal: sodium.h\n",
    "src/base/secret.h": '#pragma once\n#include <sodium.h>\n#include "conclave/error.h"\n',
    "src/crypto/.may_include": "modules: base\nexternal: openssl/\n",
    "src/crypto/aead.h": '#pragma once\n#include "base/secret.h"\n#include <openssl/evp.h>\n',
    "src/crypto/aead.cpp": '#include "crypto/aead.h"\nint f() { return key.expose()[0]; }\n',
    "src/media/.may_include": "modules: base\npublic: media.h\n",
    "src/media/opus.cpp": '#include "conclave/media.h"\n#include <vector>\n',
    "src/transport/.may_include": "modules: base\nheaders: crypto/aead.h\n",
    "src/transport/hop.cpp": '#include "crypto/aead.h"\n',
    "src/transport/quic/.may_include": "external: gnutls/\n",
    "src/transport/quic/tls.cpp": "#include <gnutls/gnutls.h>\n",
    "src/transport/quic/tls.h": "#pragma once\n",
    "include/conclave/client.h": "#pragma once\n#include <filesystem>\n",
    "src/runtime/.may_include": "modules: base media\npublic: client.h\nexternal: *\n",
    "src/runtime/loop.cpp": "#include <thread>\n#include <asio.hpp>\nvoid f() { std::cout << std::chrono::steady_clock::now(); }\n",
    "examples/call/main.cpp": '#include "conclave/media.h"\n#include <CLI/CLI.hpp>\nint main() { std::printf("x"); }\n',
    "tests/run.sh": "#!/usr/bin/env bash\ntrue\n",
}

LONG = "".join("  f();\n" for _ in range(90))

# Rule -> plants, each a file and its new text.
PLANTS = {
    "layering": [("src/media/opus.cpp", '#include "crypto/aead.h"\n'), ("src/transport/hop.cpp", '#include "crypto/hash.h"\n'),
                 ("src/crypto/aead.cpp", "#include <vpx/vpx.h>\n"), ("src/crypto/aead.cpp", '#include "conclave/media.h"\n'),
                 ("src/base/secret.h", "#pragma once\n#include <mutex>\n"), ("src/transport/hop.cpp", "#include <gnutls/gnutls.h>\n"),
                 ("src/media/opus.cpp", "#include <unistd.h>\n"), ("src/media/opus.cpp", "#  include <fstream> // why\n")],
    "module": [("src/helpers/x.cpp", ""), ("src/crypto/.may_include", "modules: base helpers\n"), ("src/crypto/.may_include", "modles: base\n")],
    "dag": [("src/base/.may_include", "modules: media\n"), ("src/base/.may_include", "headers: transport/hop.h\n")],
    "public": [("include/conclave/media.h", '#pragma once\n#include "base/secret.h"\n'), ("include/conclave/media.h", "#pragma once\n#include <sodium.h>\n"),
               ("include/conclave/media.h", "#pragma once\n#include <mutex>\n"), ("examples/call/main.cpp", '#include "base/secret.h"\n')],
    "named_tests": [("docs/threat-model.md", "**P1 x.** *Kept.* y\nTests: *no such test*.\n"), ("docs/threat-model.md", "| a | `tests/e2e/none_test.py` |\n")],
    "file_size": [("src/media/opus.cpp", "\n" * 601), ("include/conclave/media.h", "#pragma once\n" + "\n" * 250), ("tests/x.py", "\n" * 601)],
    "function_size": [("src/media/opus.cpp", "namespace conclave {\nint g(int a = 3) {\n" + LONG + "}\n}\n"),
                      ("src/media/opus.cpp", "struct X {\n  X() : a_{1}, b_(2) {\n" + LONG + "  }\n};\n"),
                      ("src/media/opus.cpp", "auto X::operator==(const X& x) const -> bool {\n" + LONG + "}\n"),
                      ("src/media/opus.cpp", "template <class T>\nT f() requires(sizeof(T) == 1) {\n#if A\n  if (x) {\n#else\n  if (y) {\n#endif\n  }\n" + LONG + "}\n"),
                      ("tests/x.cpp", 'TEST_CASE("a } sentence", "[x]") {\n' + LONG + "}\n"),
                      ("src/media/opus.cpp", "const auto f = [](int x) {\n" + LONG + "};\n")],
    "cmake_size": [("CMakeLists.txt", "\n" * 150), ("src/media/CMakeLists.txt", "\n" * 41)],
    "runtime_only": [("src/media/opus.cpp", line) for line in
                     ("std::mutex m;\n", "auto t = std::chrono::steady_clock::now();\n", "std::atomic<int> a;\n", "auto t = time(nullptr);\n",
                      "auto t = std::time(0);\n", "std::this_thread::sleep_for(x);\n", "std::jthread t;\n", "std::condition_variable c;\n",
                      "auto t = 1'000 + std::chrono::system_clock::now() + 1'000;\n", "auto t = std::chrono::high_resolution_clock::now();\n")],
    "hidden_input": [("src/media/opus.cpp", 'auto x = getenv("A");\n'), ("src/media/opus.cpp", "std::random_device d;\n"), ("src/media/opus.cpp", "int f() { return std::rand(); }\n")],
    "output": [("src/media/opus.cpp", 'void f() { printf("x"); }\n'), ("src/media/opus.cpp", "void f() { std::cerr << 1; }\n"),
               ("src/media/opus.cpp", "void f() { std::cout << 1; }\n")],
    "throw": [("src/media/opus.cpp", "void f() { throw 1; }\n")],
    "expose": [("src/media/opus.cpp", "auto x = key.expose();\n"), ("src/runtime/loop.cpp", "auto x = key.expose_mutable();\n")],
    "name": [("src/media/utils.h", "#pragma once\n"), ("src/media/room_manager.cpp", ""), ("tests/common.h", "#pragma once\n")],
    "pragma_once": [("src/media/opus.h", "int f();\n")],
    "top_level": [("scripts/x.py", ""), ("notes.txt", "")],
    "own_paths": [("README.md", "see /" + "home/somebody/x\n"), ("tests/run.sh", "#!/bin/sh\ncd /" + "work/x\n"), ("tests/a.json", '"/' + 'root/x"')],
    "shell": [("tests/run.sh", "#!/usr/bin/env bash\nif true; then\n"), ("examples/broken", "#!/bin/bash\n(\n"), ("tests/plain.sh", "true\n")],
}

# What looks like a violation and is none.
INNOCENT = [
    ("src/media/opus.cpp", "// std::mutex, throw, printf\nauto a = \"std::mutex throw\";\nint capture_time(int); auto b = frame.time(0);\n"),
    ("src/media/opus.cpp", "void f() { std::snprintf(b, 3, \"x\"); auto c = '\"'; auto r = R\"(throw std::mutex)\"; }\n"),
    ("src/media/opus.cpp", "const int table[] = {\n" + "1,\n" * 100 + "};\nnamespace a {\n" + "int f();\n" * 100 + "}\n"),
    ("src/media/opus.cpp", "// style: table\nint f() {\n" + LONG + "}\n"),
    ("src/media/opus.cpp", "void f() { throw std::bad_alloc(); }\n"),
    ("src/media/words.cpp", "// style: table\n" + "\n" * 700),
    ("src/transport/quic/more.cpp", '#include "conclave/error.h"\n#include "tls.h"\n'),
    ("README.md", "build under build/work/x, /usr/share/x and ~/x\n"),
]


class CheckTest(unittest.TestCase):
    def house_with(self, *changes):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**HOUSE, **dict(changes)}.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                path.chmod(0o755 if name in HOUSE or name == "examples/broken" else 0o644)
            return check.check(Path(folder))

    def test_the_house_without_violations_passes(self):
        self.assertEqual(self.house_with().failures, [])

    def test_every_rule_has_a_plant(self):
        self.assertEqual(set(PLANTS), set(check.RULES))

    def test_every_plant_is_found_under_its_rule(self):
        for rule, plants in PLANTS.items():
            for plant in plants:
                with self.subTest(rule=rule, plant=(plant[0], plant[1][:60])):
                    found = self.house_with(plant).failures
                    self.assertTrue(any(f" {rule}: " in failure for failure in found), found)

    def test_a_file_without_its_list_is_found(self):
        house = self.house_with(("src/wire/reader.cpp", ""))
        self.assertTrue(any("src/wire: module" in failure for failure in house.failures), house.failures)

    def test_the_innocent_passes(self):
        for plant in INNOCENT:
            with self.subTest(plant=plant[1][:60]):
                self.assertEqual(self.house_with(plant).failures, [])

    def test_sizes_warn_before_they_fail(self):
        house = self.house_with(("src/media/opus.cpp", "\n" * 450), ("src/media/vpx.cpp", "int f() {\n" + "  g();\n" * 60 + "}\n"))
        self.assertEqual(house.failures, [])
        self.assertEqual(len(house.warnings), 2, house.warnings)


class FunctionFinderTest(unittest.TestCase):
    def test_functions_are_found_with_name_and_size(self):
        text = """
namespace a { namespace {
struct S final : Base<int> {
  S() = default;
  explicit S(int x) noexcept(true)
      : a_{x}, b_(x),
        c_{{1, 2}} {
    f();
  }
  int get() const { return a_; }
  std::array<int, 3> values{};
  enum class E { one, two };
 private:
  static constexpr int table[2] = {1, 2};
};
}
template <class T, class = std::enable_if_t<true>>
[[nodiscard]] auto S::f(const std::map<int, T>& m = {}) const& -> std::vector<T> {
  auto inner = [&](int x) { return x; };
  for (;;) { }
  return {};
}
bool operator<(A a, B b) { return true; }
Config config{.a = 1};
}
"""
        found = [(function.name, function.lines) for function in cpp_text.functions_of(text)]
        self.assertEqual(found, [("S", 5), ("get", 1), ("S::f", 6), ("operator<", 1)])


if __name__ == "__main__":
    unittest.main()
