#!/usr/bin/env python3
"""coverage.py CODES.DEF FOLDER [TEST.py...]: every diagnostic about terms, references, contradictions and lints is tested.

Those that a single file can show have a fixture in FOLDER. Others need something beside the configuration, a certificate
for one; they are claimed by a TEST.py, as a quoted code. Those of files and of the language itself (00, 01, 09) are covered
by the unit tests of the syntax.
"""
import os
import re
import sys

codes = re.findall(r"^CODE\(([EW]\d{4}),", open(sys.argv[1], encoding="utf-8").read(), re.M)
seen = set()
for name in sorted(os.listdir(sys.argv[2])):
    if name.endswith(".cfg"):
        for line in open(os.path.join(sys.argv[2], name), encoding="utf-8"):
            if "%!" in line:
                seen |= set(re.findall(r"\b[EW]\d{4}\b", line[line.index("%!"):]))
for test in sys.argv[3:]:
    seen |= set(re.findall(r'"([EW]\d{4})"', open(test, encoding="utf-8").read()))
wanted = [c for c in codes if c[1:3] not in ("00", "01", "09")]
missing = [c for c in wanted if c not in seen]
unknown = sorted(seen - set(codes))
if missing or unknown or not wanted:
    sys.exit(f"no fixture for: {' '.join(missing)}; fixtures name codes that do not exist: {' '.join(unknown)}")
