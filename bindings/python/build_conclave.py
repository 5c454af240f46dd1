"""The compiled half of the binding, made from conclave.h itself and the headers that it includes."""
import os
import re
import subprocess
from pathlib import Path

from cffi import FFI


def folders():
    """Where header and library are: named by the caller, or by pkg-config."""
    include, library = os.environ.get("CONCLAVE_INCLUDE"), os.environ.get("CONCLAVE_LIB")
    if include and library:
        return include, library

    def ask(what):
        return subprocess.run(["pkg-config", f"--variable={what}", "conclave"], check=True, capture_output=True, text=True).stdout.strip()
    return ask("includedir"), ask("libdir")


def declarations(header):
    """The header without what the preprocessor and C++ read."""
    text = "\n".join(line for line in header.splitlines() if not line.startswith("#"))
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return text.replace('extern "C" {', "").replace("CONCLAVE_API ", "").rstrip().rstrip("}")


def headers(include):
    """The texts of conclave.h's parts, in its order."""
    main = (Path(include) / "conclave.h").read_text()
    return [(Path(include) / name).read_text() for name in re.findall(r'^#include "(conclave/c/\w+\.h)"', main, flags=re.M)]


include, library = folders()
ffi = FFI()
for header in headers(include):
    ffi.cdef(declarations(header))
ffi.cdef('''
extern "Python" void conclave_python_send(void *, const uint8_t *, size_t);
extern "Python" void conclave_python_closed(void *);
''')
ffi.set_source("conclave._c", '#include "conclave.h"', libraries=["conclave"], include_dirs=[include], library_dirs=[library],
               runtime_library_dirs=[library] if not library.startswith("/usr/lib") else [], extra_compile_args=["-O2"])
