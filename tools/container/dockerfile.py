"""Reads a Dockerfile and a .dockerignore: as much of them as this project's use, and a ValueError for the rest."""

import fnmatch
import json
import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

KNOWN = {
    "FROM", "RUN", "COPY", "ENV", "WORKDIR", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD",
}  # fmt: skip


@dataclass(frozen=True)
class Instruction:
    line: int
    name: str
    text: str  # what stands behind the name, its lines joined as the shell sees them

    def words(self) -> list[str]:
        return shlex.split(self.text)

    def exec_form(self) -> list[str]:
        """`["program", "argument"]`."""
        try:
            words = json.loads(self.text)
        except json.JSONDecodeError:
            words = None
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
            raise ValueError(f'line {self.line}: {self.name} is not of the form ["program", "argument"]')
        return words


@dataclass
class Stage:
    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def last(self, name: str) -> Instruction | None:
        return next((one for one in reversed(self.instructions) if one.name == name), None)

    def environment(self) -> dict[str, str]:
        settings = {}
        for one in self.instructions:
            if one.name == "ENV":
                settings |= dict(word.split("=", 1) for word in one.words())
        return settings

    def health_command(self) -> list[str]:
        check = self.last("HEALTHCHECK")
        if check is None:
            raise ValueError("there is no HEALTHCHECK")
        return Instruction(check.line, "HEALTHCHECK CMD", re.sub(r"^.*?\bCMD\s+", "", check.text)).exec_form()

    def command(self) -> list[str]:
        entry, command = self.last("ENTRYPOINT"), self.last("CMD")
        if entry is None or command is None:
            raise ValueError("there is no ENTRYPOINT or no CMD")
        return entry.exec_form() + command.exec_form()


def read_dockerfile(path: Path) -> list[Stage]:
    stages: list[Stage] = []
    for one in _instructions(path.read_text()):
        if one.name not in KNOWN:
            raise ValueError(f"line {one.line}: {one.name} is not known here")
        if one.name == "FROM":
            base, *rest = one.words()
            if rest and (len(rest) != 2 or rest[0].upper() != "AS"):
                raise ValueError(f"line {one.line}: FROM is not understood")
            stages.append(Stage(base, rest[1] if rest else ""))
        elif not stages:
            raise ValueError(f"line {one.line}: {one.name} before FROM")
        else:
            stages[-1].instructions.append(one)
    return stages


def _instructions(text: str) -> list[Instruction]:
    found, parts, start = [], [], 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not parts and not line.strip()):
            continue
        start = start if parts else number
        parts.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            name, _, rest = "".join(parts).strip().partition(" ")
            found.append(Instruction(start, name.upper(), rest.strip()))
            parts = []
    if parts:
        raise ValueError(f"line {start}: it ends in the middle")
    return found


class Context:
    """The files that a build may COPY: those of a folder without what .dockerignore names."""

    def __init__(self, root: Path):
        self.root = root
        lines = (root / ".dockerignore").read_text().splitlines()
        self.patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        if any(pattern.startswith("!") for pattern in self.patterns):
            raise ValueError(".dockerignore: an exception (!) is not known here")

    def ignores(self, path: Path) -> bool:
        """Whether the path, relative to the root, or a folder that it is in, is left out."""
        return any(self._matches(pattern, part) for part in [path, *path.parents] for pattern in self.patterns)

    @staticmethod
    def _matches(pattern: str, path: Path) -> bool:
        if pattern.startswith("**/"):
            return fnmatch.fnmatchcase(path.name, pattern.removeprefix("**/"))
        return fnmatch.fnmatchcase(str(path), pattern) and len(path.parts) == len(Path(pattern).parts)

    def files(self, source: str) -> list[Path]:
        """What `source` of a COPY stands for, relative to the root: files and links, none that is ignored."""
        start = self.root / source
        if not start.exists():
            raise ValueError(f"COPY {source}: there is no such file")
        if start.is_file():
            return [] if self.ignores(start.relative_to(self.root)) else [start.relative_to(self.root)]
        found = []
        for folder, folders, files in os.walk(start):
            here = Path(folder).relative_to(self.root)
            folders[:] = [name for name in folders if not self.ignores(here / name)]
            links = [name for name in folders if (self.root / here / name).is_symlink()]
            found += [here / name for name in files + links if not self.ignores(here / name)]
        return found
