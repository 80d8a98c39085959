"""Makes the root of an image without an engine: each stage of a Dockerfile begins as a clean Debian by debootstrap, and
its instructions are performed in it by chroot. Needs root."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from dockerfile import Context, Instruction, Stage

CCACHE = "root/.cache/ccache"
BIND = ("dev", "proc", "sys")


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in command], check=True, **options)  # type: ignore[call-overload]


class Machine:
    """How this machine reaches Debian's packages and npm's: it is lent to a root while its instructions run, and is no
    part of the image."""

    def __init__(self, lent: list[tuple[Path, str]]):
        self.lent = lent  # files and folders of the host, and where they are seen

    @classmethod
    def this(cls, extra: list[tuple[Path, str]]) -> "Machine":
        lent = [(Path("/etc/resolv.conf"), "etc/resolv.conf"), (Path("/etc/hosts"), "etc/hosts")]
        for host in ("/etc/ssl/certs", "/usr/local/share/ca-certificates", "/root/.npmrc"):
            if Path(host).exists():
                lent.append((Path(host), host.removeprefix("/")))
        for part in sorted(Path("/etc/apt/apt.conf.d").glob("*")):
            if re.search(r"^\s*Acquire::", part.read_text(), re.MULTILINE):
                lent.append((part, f"etc/apt/apt.conf.d/{part.name}"))
        return cls(lent + extra)

    def environment(self) -> dict[str, str]:
        reaching = re.compile(r".*_proxy|npm_config_.*|node_extra_ca_certs", re.IGNORECASE)
        names = [name for name in os.environ if reaching.fullmatch(name)]
        # Where the sources are elsewhere than they were, a ccache only knows them by relative paths.
        cached = any(seen == CCACHE for _, seen in self.lent)
        ccache = {"CCACHE_BASEDIR": "/src", "CCACHE_NOHASHDIR": "1"} if cached else {}
        return {name: os.environ[name] for name in names} | ccache


class Root:
    """A stage's file system, with what running in it takes."""

    def __init__(self, folder: Path, base: Path, machine: Machine):
        self.folder, self.machine = folder, machine
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.workdir, self.user = "/", "root"
        run("cp", "-a", "--reflink=auto", base, folder)

    def perform(self, stage: Stage, context: Context, earlier: dict[str, "Root"]) -> None:
        for one in stage.instructions:
            print(f"{one.line:3} {one.name} {one.text[:110]}", flush=True)
            match one.name:
                case "RUN":
                    self.shell(one.text)
                case "COPY":
                    self._copy(one, context, earlier)
                case "ENV":
                    self.environment |= dict(word.split("=", 1) for word in one.words())
                case "WORKDIR":
                    self.workdir = one.text
                    self.inside(one.text).mkdir(parents=True, exist_ok=True)
                case "USER":
                    self.user = one.text

    def inside(self, path: str) -> Path:
        return self.folder / path.lstrip("/")

    def shell(self, text: str) -> None:
        """RUN: /bin/sh -c, with what the machine lends. Its output goes to the log beside the root."""
        mounts = [f"mount --rbind /{name} {self.folder}/{name}" for name in BIND]
        for host, seen in self.machine.lent:
            there = self.inside(seen)
            made = f"mkdir -p {there}" if host.is_dir() else f"mkdir -p {there.parent} && touch {there}"
            mounts.append(f"{made} && mount --bind {host} {there}")
        chroot = f'exec chroot --userspec={self.user} "$0" /bin/sh -c \'cd "$0" && exec /bin/sh -c "$RUN_TEXT"\' "$1"'
        script = "\n".join([*mounts, chroot])
        log = self.folder.with_suffix(".log")
        before = {there for _, seen in self.machine.lent if not (there := self.inside(seen)).exists()}
        with log.open("ab") as output:
            environment = self.environment | self.machine.environment() | {"RUN_TEXT": text, "HOME": "/root"}
            done = subprocess.run(
                ["unshare", "--mount", "/bin/sh", "-ec", script, self.folder, self.workdir], env=environment, stdout=output, stderr=output
            )
        for there in before:  # empty places where something was lent
            there.rmdir() if there.is_dir() else there.unlink()
        if done.returncode:
            sys.stderr.write("".join(log.read_text(errors="replace").splitlines(keepends=True)[-40:]))
            raise SystemExit(f"RUN ended with {done.returncode}; all of it is in {log}")

    def _copy(self, one: Instruction, context: Context, earlier: dict[str, "Root"]) -> None:
        words = one.words()
        target = self.inside(str(Path(self.workdir) / words[-1]))
        if words[0].startswith("--from="):
            source = earlier[words[0].removeprefix("--from=")].inside(words[1])
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
            return
        for name in words[:-1]:
            single = (context.root / name).is_file()
            for path in context.files(name):
                inside = path.name if single else path.relative_to(name)
                place = target / inside if not single or words[-1].endswith("/") else target
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(context.root / path, place, follow_symlinks=False)



def size_of(folder: Path) -> int:
    """In bytes, on disk."""
    return int(run("du", "-s", "-B1", folder, capture_output=True, text=True).stdout.split()[0])


def debootstrap(folder: Path) -> Path:
    """A minimal Debian 12, without what the slim images leave out: manuals and translations."""
    if not folder.exists():
        print("debootstrap bookworm", flush=True)
        draft = folder.with_suffix(".part")
        shutil.rmtree(draft, ignore_errors=True)
        run("debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", draft, stdout=subprocess.DEVNULL)
        sources = draft / "etc/apt/sources.list"
        sources.write_text(
            "deb http://deb.debian.org/debian bookworm main\n"
            "deb http://deb.debian.org/debian bookworm-updates main\n"
            "deb http://deb.debian.org/debian-security bookworm-security main\n"
        )
        for part in ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(draft / part, ignore_errors=True)
            (draft / part).mkdir(parents=True)
        draft.rename(folder)
    return folder
