#!/usr/bin/env python3
"""compiles.py SERVER.C INCLUDE CC...: no warnings under any of the compilers, and one exported symbol."""
import os
import subprocess
import sys
import tempfile

WARNINGS = ("-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wcast-qual "
            "-Wwrite-strings -Wundef -Werror").split()


def main():
    source, include, *compilers = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for cc in compilers:
            if not cc or cc.endswith("NOTFOUND"):
                continue
            output = os.path.join(folder, "server.o")
            subprocess.run([cc, "-std=c17", "-O2", *WARNINGS, f"-I{include}", "-c", source, "-o", output], check=True)
            symbols = subprocess.check_output(["nm", "--defined-only", "--extern-only", output], text=True).split("\n")
            names = [line.split()[-1] for line in symbols if line]
            if names != ["rt_gen"]:
                sys.exit(f"{cc}: exported symbols are {names}")


main()
