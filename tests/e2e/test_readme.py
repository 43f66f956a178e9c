"""The tables of README.md say which scenarios are checked in which file; the names of the tests must agree."""
import collections
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
SERIES = "AH|AM|BI|CO|DI|LA|OF|PI|PR|PX|RG|RO|RT|SA|ST|SZ|TI|TLS|VC|VE"


def ids_of(name):
    """RO_04_10_remove: RO-04 and RO-10; ST_04_to_12_refused: all between; SM_IP is one of its own kind."""
    found = ["SM-IP"] if "SM_IP" in name else []
    for series, numbers in re.findall(rf"(?<![A-Z])({SERIES})((?:_(?:\d\d|to(?=_\d\d)))+)(?![0-9])", name):
        last = None
        for n in numbers.strip("_").split("_"):
            if n == "to":
                continue
            first = last + 1 if f"_to_{n}" in numbers else int(n)
            last = int(n)
            found += [f"{series}-{i:02}" for i in range(first, last + 1)]
    return found


def in_tests():
    where = collections.defaultdict(set)
    for path in glob.glob(os.path.join(HERE, "test_*.py")):
        with open(path, encoding="utf-8") as f:
            for name in re.findall(r"^def test_(\w+)", f.read(), re.M):
                for i in ids_of(name):
                    where[os.path.basename(path)].add(i)
    return where


def expand(text):
    """"ST-01 to ST-24, SM-IP": every ID meant."""
    found = []
    for part in text.split(", "):
        m = re.fullmatch(r"([A-Z]+)-(\d\d) to \1-(\d\d)", part)
        found += [f"{m[1]}-{i:02}" for i in range(int(m[2]), int(m[3]) + 1)] if m else [part]
    return found


def compress(ids):
    """The way back, for the message."""
    runs = []
    for i in sorted(ids):
        series, number = i.split("-")
        if runs and runs[-1][0] == series and number.isdigit() and int(number) == runs[-1][2] + 1:
            runs[-1][2] += 1
        else:
            runs.append([series, int(number) if number.isdigit() else number, int(number) if number.isdigit() else number])
    return ", ".join(f"{s}-{a:02} to {s}-{b:02}" if a != b else f"{s}-{a:02}" if isinstance(a, int) else f"{s}-{a}" for s, a, b in runs)


def tables():
    with open(os.path.join(HERE, "README.md"), encoding="utf-8") as f:
        text = f.read()
    covered = dict(re.findall(r"^\| `(test_\w+\.py)` \| ([A-Z0-9 ,to-]+) \|$", text, re.M))
    waiting = re.findall(r"^\| ([A-Z][A-Z0-9 ,to-]+) \| .* \|$", text, re.M)
    return {file: set(expand(ids)) for file, ids in covered.items()}, [i for ids in waiting for i in expand(ids)]


def test_the_table_names_what_the_tests_name():
    covered, tested = tables()[0], in_tests()
    for file in sorted(set(covered) | set(tested)):
        assert covered.get(file, set()) == tested[file], f"| `{file}` | {compress(tested[file])} |"


def test_what_waits_is_not_tested():
    waiting, tested = tables()[1], set().union(*in_tests().values())
    assert len(waiting) == len(set(waiting)) and not tested & set(waiting)
