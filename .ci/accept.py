#!/usr/bin/env python3
"""Runs the shared acceptance checks and holds them against the committed list of what passes.

    accept.py --bin PATH --shared DIR [--update]

The checks are not whole yet: `passing.txt` beside this file lists every expectation that holds, one a line. One that
is listed and fails is an error; one that passes and is not listed is reported, and `--update` adds it. The list only
grows. Standard library only.
"""
import argparse, csv, pathlib, re, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
LIST = HERE / "passing.txt"


def cases(binary, shared):
    """Every expectation of the cases, and those that miss."""
    folder = shared / "cases"
    p = subprocess.run([sys.executable, str(folder / "check.py"), "--bin", binary], capture_output=True, text=True)
    print(p.stdout[-2000:] if len(p.stdout) > 2000 else p.stdout, end="")
    missed = set()
    for line in p.stdout.splitlines():
        m = re.match(r"([\w-]+): (\S+)/(\S+) (.+): got ", line)
        if m:
            missed.add("case {} {} {} {}".format(*m.groups()))
    every = set()
    for case in sorted(c.parent for c in folder.glob("*/pipeline.toml")):
        with open(case / "expected.csv", newline="", encoding="utf-8") as f:
            for e in csv.DictReader(f):
                every.add(f"case {case.name} {e['sample']} {e['stage']} {e['metric']}")
    if not re.search(r"\d+ passed, \d+ failed", p.stdout):
        sys.exit("cases/check.py did not finish:\n" + p.stderr[-2000:])
    return every - missed


def data(binary, shared):
    """Every file with the number of its channels that match."""
    p = subprocess.run([sys.executable, str(shared / "data" / "check.py"), "--bin", binary, "--verbose"], capture_output=True, text=True)
    print("\n".join(p.stdout.splitlines()[-2:]))
    out = set()
    for line in p.stdout.splitlines():
        m = re.match(r"(ok  |MISS) (.+): (\d+)/(\d+)", line)
        if m:
            out.update(f"data {m[2]} {k}" for k in range(1, int(m[3]) + 1))
    if not re.search(r"\d+ passed, \d+ failed", p.stdout):
        sys.exit("data/check.py did not finish:\n" + p.stderr[-2000:])
    return out


def trouble(binary, shared):
    """Every condition that trips other programs, by its file and what is asked of it."""
    folder = shared / "trouble"
    if not (folder / "check.py").exists():
        return set()
    p = subprocess.run([sys.executable, str(folder / "check.py"), "--bin", binary], capture_output=True, text=True)
    print("\n".join(p.stdout.splitlines()[-1:]))
    if not re.search(r"\d+ passed, \d+ failed", p.stdout):
        sys.exit("trouble/check.py did not finish:\n" + p.stderr[-2000:])
    return {"trouble " + m[1] for m in re.finditer(r"^ok +(.+)$", p.stdout, re.M)}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bin", required=True)
    ap.add_argument("--shared", type=pathlib.Path, required=True)
    ap.add_argument("--update", action="store_true")
    a = ap.parse_args()
    binary = str(pathlib.Path(a.bin).resolve())
    now = cases(binary, a.shared) | data(binary, a.shared) | trouble(binary, a.shared)
    listed = set(LIST.read_text(encoding="utf-8").splitlines()) if LIST.exists() else set()
    lost, won = sorted(listed - now), sorted(now - listed)
    if a.update:
        LIST.write_text("\n".join(sorted(listed | now)) + "\n", encoding="utf-8")
    for line in lost:
        print("LOST", line)
    if won and not a.update:
        print(f"{len(won)} expectations pass that are not listed; add them with --update")
    print(f"accepted: {len(listed & now)} of {len(listed)} listed, {len(won)} new")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
