#!/usr/bin/env python3
"""Fails unless the guide's code blocks are, one for one, the marked parts of the test that compiles them.

usage: guide_check.py GUIDE TEST
"""
import re
import sys
import textwrap
from pathlib import Path

guide, test = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
shown = [block.strip() for block in re.findall(r"```cpp\n(.*?)```", guide, re.S)]
parts = re.split(r"^ *// \[guide: (\w+)\]\n", test, flags=re.M)
compiled = {name: textwrap.dedent(text).strip() for name, text in zip(parts[1::2], parts[2::2]) if name != "end"}
wrong = [block for block in shown if block not in compiled.values()] + [name for name, text in compiled.items() if text not in shown]
for each in wrong:
    print("only in one of guide and test:\n" + each)
sys.exit(1 if wrong or not shown else 0)
