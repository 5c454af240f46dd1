"""Builds the binding against libconclave: the one of pkg-config, or of the folders in CONCLAVE_INCLUDE and CONCLAVE_LIB."""
from setuptools import setup

setup(
    name="conclave",
    version="0.1.0",
    description="End-to-end encrypted calls and meetings",
    packages=["conclave"],
    package_data={"conclave": ["py.typed", "_c.pyi"]},
    python_requires=">=3.9",
    install_requires=["cffi>=1.15", "numpy"],
    cffi_modules=["build_conclave.py:ffi"],
)
