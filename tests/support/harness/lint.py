# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lint ring: what can be seen without running anything."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import build, paths
from .results import Report, Result
from .terminal import Screen

# Targets that write headers which shipped sources include.
GENERATED = ["slipway_dbus_headers"]
TIDY_CACHE = paths.CACHE / "tidy"
Progress = Callable[[str], None]
SHOWN = 60  # lines of complaints per check

# A rule: its name, the folders or files it looks at, what it must not find, and why.
RULES: list[tuple[str, tuple[str, ...], str, str]] = [
    ("core-names-no-plugin", ("core/",), r"(?i)\b(lvm|luks|mdraid|mdadm|nfs|iscsi|btrfs)\b",
     "the core names no plugin; what a plugin needs stands in its TOML"),
    ("no-sleeps", ("core/", "plugins/", "api/"), r"\b(usleep|sleep_for|sleep_until|nanosleep)\b|\bsleep\s*\(",
     "nothing waits without a name, a reason and a deadline"),
    ("no-leftovers", ("",), r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b", "finish it, or write an issue"),
    ("no-mirrors", ("",), r"https?://[a-z.]*(debian|npmjs)[a-z.]*", "no mirror is named; the tools' defaults serve"),
    # A test that skips itself at run time is counted in the summary; a disabled one is seen by nobody.
    ("no-disabled-tests", ("tests/", "core/", "plugins/", "api/"), r"\bDISABLED_\w", "repair the test or remove it"),
]
# Vocabulary of prose, not of code.
RULE_EXCEPTIONS = {"no-leftovers": (".md",)}


def run(screen: Screen, names: Sequence[str], add: Report) -> None:
    for name in names:
        start = time.monotonic()
        complaints = CHECKS[name](lambda text, name=name: screen.status(f"  lint/{name} {text}"))
        hidden = [f"... and {len(complaints) - SHOWN} lines more"] if len(complaints) > SHOWN else []
        detail = "\n".join(complaints[:SHOWN] + hidden)
        add(Result(f"lint/{name}", "failed" if complaints else "passed", time.monotonic() - start, detail))


def files() -> list[Path]:
    """What is or would be tracked: not what .gitignore leaves out."""
    shown = subprocess.run(
        ["git", "-C", str(paths.REPO), "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        capture_output=True, check=True,
    )
    names = [name for name in shown.stdout.decode().split("\0") if name]
    return [path for path in (paths.REPO / name for name in names) if path.is_file()]


def _interpreter(path: Path) -> str:
    try:
        with path.open("rb") as file:
            first = file.readline(80)
    except OSError:
        return ""
    return first.decode(errors="replace") if first.startswith(b"#!") else ""


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return None


def _rules(progress: Progress) -> list[str]:
    found = []
    for path in files():
        name = str(path.relative_to(paths.REPO))
        text = _text(path)
        for rule, folders, expression, reason in RULES:
            if text is None or not name.startswith(folders) or name.endswith(RULE_EXCEPTIONS.get(rule, ("\0",))):
                continue
            for number, line in enumerate(text.splitlines(), 1):
                if hit := re.search(expression, line):
                    found.append(f"{name}:{number}: '{hit[0].strip()}' ({rule}: {reason})")
    return found


def _shell(progress: Progress) -> list[str]:
    scripts = [path for path in files() if re.search(r"\b(ba|da)?sh\b", _interpreter(path))]
    done = subprocess.run(
        ["shellcheck", "--format=gcc", *(str(path.relative_to(paths.REPO)) for path in scripts)],
        capture_output=True, text=True, check=False, cwd=paths.REPO,
    )
    return (done.stdout + done.stderr).splitlines()


def _python(progress: Progress) -> list[str]:
    sources = [path for path in files() if path.suffix == ".py" or "python" in _interpreter(path)]
    found = []
    for path in sources:
        try:
            tree = ast.parse(path.read_text())
        except SyntaxError as error:
            found.append(f"{path.relative_to(paths.REPO)}:{error.lineno}: {error.msg}")
            continue
        found += _unannotated(path, tree)
    done = subprocess.run(["pyflakes3", *map(str, sources)], capture_output=True, text=True, check=False)
    return found + (done.stdout + done.stderr).splitlines()


def _unannotated(path: Path, tree: ast.AST) -> list[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [
        f"{path.relative_to(paths.REPO)}:{function.lineno}: {function.name}() says not what it returns"
        for function in functions if function.returns is None
    ]


def _c_and_cpp(suffixes: tuple[str, ...]) -> list[Path]:
    return [path for path in files() if path.suffix in suffixes]


def _format(progress: Progress) -> list[str]:
    sources = _c_and_cpp((".c", ".cpp", ".h"))
    if not sources:
        return []
    done = subprocess.run(
        ["clang-format-19", "--dry-run", "-Werror", *(str(path.relative_to(paths.REPO)) for path in sources)],
        capture_output=True, text=True, check=False, cwd=paths.REPO,
    )
    places = Counter(line.split(":")[0] for line in done.stderr.splitlines() if "error:" in line)
    return [f"{file}: {count} places; mend with: clang-format-19 -i {file}" for file, count in sorted(places.items())]


def _tidy(progress: Progress) -> list[str]:
    # The path-sensitive analyzer takes three quarters of clang-tidy's time: it is a check of its own.
    return _clang_tidy("-clang-analyzer-*", progress, lambda source: not _parses_arguments(source))


def _tidy_commands(progress: Progress) -> list[str]:
    # CLI11 is one header, and each file that includes it takes as long as seven others.
    return _clang_tidy("-clang-analyzer-*", progress, _parses_arguments)


def _parses_arguments(source: Path) -> bool:
    return "#include <CLI/CLI.hpp>" in source.read_text()


def _analyzer(progress: Progress) -> list[str]:
    return _clang_tidy("-*,clang-analyzer-*", progress, lambda _: True)


def _clang_tidy(selection: str, progress: Progress, is_chosen: Callable[[Path], bool]) -> list[str]:
    """clang-tidy over what is shipped, one process per core; files whose inputs did not change are not read again."""
    folder = build.build("tidy", progress, GENERATED)
    tracked = set(files())
    commands = _one_per_file(json.loads((folder / "compile_commands.json").read_text()), tracked)
    database = folder / "shipped"
    database.mkdir(exist_ok=True)
    (database / "compile_commands.json").write_text(json.dumps(commands))
    entries = [entry for entry in commands if is_chosen(Path(entry["file"]))]
    headers = _headers_by_name(tracked)
    TIDY_CACHE.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []

    def check(entry: dict[str, str]) -> list[str]:
        return _tidy_file(entry, selection, database, headers)

    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for done, result in enumerate(pool.map(check, entries), 1):
            # A header's complaint comes once with every file that includes it.
            complaints += [line for line in result if line not in complaints]
            progress(f"[{done}/{len(entries)}]")
    return complaints if entries else ["the tidy build compiles no file"]


def _one_per_file(commands: list[dict[str, str]], tracked: set[Path]) -> list[dict[str, str]]:
    """Of what is shipped. Test programs compile some of these files once more, and clang-tidy reads a file as often as
    it finds a command for it."""
    found: dict[str, dict[str, str]] = {}
    for entry in commands:
        source = Path(entry["file"])
        if source in tracked and not source.is_relative_to(paths.REPO / "tests") and not entry["output"].startswith("tests/"):
            found.setdefault(entry["file"], entry)
    return list(found.values())


def _tidy_file(entry: dict[str, str], selection: str, database: Path, headers: dict[str, list[Path]]) -> list[str]:
    """A clean outcome is remembered by a hash of all it depends on; complaints are never remembered."""
    source = Path(entry["file"])
    # The build folder's name is no input.
    command = entry["command"].replace(str(database.parent), "")
    state = hashlib.sha256((paths.REPO / ".clang-tidy").read_bytes() + command.encode() + selection.encode())
    for path in sorted(_with_includes(source, headers)):
        state.update(str(path).encode() + path.read_bytes())
    mark = TIDY_CACHE / state.hexdigest()[:24]
    if mark.exists():
        mark.touch()
        return []
    words = ["clang-tidy-19", "--quiet", f"--checks={selection}", "--warnings-as-errors=*", "-p", str(database)]
    done = subprocess.run([*words, str(source)], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        mark.touch()
        return []
    text = done.stdout + done.stderr
    lines = [line.replace(f"{paths.REPO}/", "") for line in text.splitlines() if re.search(r"(error|warning):", line)]
    return lines or [f"{source}: clang-tidy ended with status {done.returncode}"]


def _headers_by_name(tracked: Iterable[Path]) -> dict[str, list[Path]]:
    by_name: dict[str, list[Path]] = {}
    for path in tracked:
        if path.suffix == ".h":
            by_name.setdefault(path.name, []).append(path)
    return by_name


def _with_includes(source: Path, headers: dict[str, list[Path]]) -> set[Path]:
    """The file and the project's headers that it may include, at any depth. Equal names count all: too much is safe."""
    seen: set[Path] = set()
    queue = [source]
    while queue:
        path = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', path.read_text(), re.MULTILINE):
            queue += headers.get(Path(name).name, [])
    return seen


CHECKS: dict[str, Callable[[Progress], list[str]]] = {
    "rules": _rules, "shell": _shell, "python": _python, "format": _format, "tidy": _tidy,
    "tidy-commands": _tidy_commands, "analyzer": _analyzer,
}
# What every run does; the others belong to `all`.
EVERYDAY = ("rules", "shell", "python", "format", "tidy")
