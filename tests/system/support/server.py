"""The real binary as a child process on a loopback port, with a data directory of its own."""

import http.client
import os
import random
import signal
import socket
import subprocess
from pathlib import Path

from .waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("IZPOCHAT_BINARY", ROOT / "build" / "release" / "izpochat")).resolve()

# So that a test which is not about it need not wait, nor have many users: it may give other values, of course.
IMPATIENT = {"PRESENCE_GRACE_SECONDS": "0", "MESSAGES_PER_SECOND": "0", "MAX_SOCKETS_PER_USER": "1000"}

# Reports of a sanitized binary: each fails the test that stops the server.
SANITIZER_REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:")


def free_port() -> int:
    """A port nobody listens on. Below the range for outgoing connections, so that none of these takes it between a
    kill and a restart."""
    while True:
        port = random.SystemRandom().randrange(18000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def environment(settings: dict[str, str] | None = None) -> dict[str, str]:
    """What a child sees: nothing of the caller's settings, only those given."""
    passed = ("PATH", "HOME", "LLVM_PROFILE_FILE", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")
    return {name: os.environ[name] for name in passed if name in os.environ} | {"LANG": "C.UTF-8"} | (settings or {})


def run(
    *arguments: str, directory: Path, settings: dict[str, str] | None = None, stdin: str = "", patience: float = 60
) -> subprocess.CompletedProcess:
    """Runs a command of the binary to its end, in `directory`; `patience` is in seconds."""
    return subprocess.run(
        [BINARY, *arguments],
        cwd=directory,
        env=environment(settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=patience,
    )


def own_database() -> dict[str, str]:
    """The settings of a server whose data are elsewhere than in its directory: with IZPO_TEST_DATABASE=postgres, in an
    empty database on a PostgreSQL that the whole run shares."""
    chosen = os.environ.get("IZPO_TEST_DATABASE", "sqlite")
    if chosen == "sqlite":
        return {}
    assert chosen == "postgres", f"IZPO_TEST_DATABASE={chosen}: sqlite or postgres"
    from .postgres import shared  # which needs this module

    return {"DATABASE_URL": shared().url(shared().new_database()), "SECRET_KEY": "of-the-tests-" + "0123456789abcdef" * 2}


class Server:
    """One `izpochat serve`. Its working directory is `directory`, its data live in `directory/data`, its log in
    `directory/server.log` (all runs of it, one after another)."""

    def __init__(self, directory: Path, settings: dict[str, str] | None = None):
        self.directory = directory
        self.data = directory / "data"
        self.settings = IMPATIENT | own_database() | (settings or {})
        self.host = "127.0.0.1"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}"
        self.log_path = directory / "server.log"
        self.process: subprocess.Popen | None = None
        directory.mkdir(parents=True, exist_ok=True)

    def start(self) -> "Server":
        """Returns once it serves."""
        self.spawn()
        wait_until(self._serves, f"the server to serve on port {self.port}")
        return self

    def spawn(self) -> None:
        """Starts the process and does not wait for it."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--host", self.host, "--port", str(self.port), "--data-dir", str(self.data)],
                cwd=self.directory,
                env=environment(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """An orderly stop, which must succeed."""
        if self.process is None:
            return
        self.signal(signal.SIGTERM)
        code = self.wait()
        log = self.log()
        assert code == 0, f"the server ended with {code}:\n{log[-4000:]}"
        assert not any(report in log for report in SANITIZER_REPORTS), log[-8000:]

    def kill(self) -> None:
        """As a power cut of the process: nothing of it runs any more when this returns."""
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self) -> int:
        """The exit code, once the process has ended."""
        assert self.process is not None
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"the server did not end in {PATIENCE} s:\n{self.log()[-4000:]}") from None
        finally:
            self.process = None

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
        """Another command of the binary on the same data directory, whether the server runs or not."""
        return run(
            *arguments, directory=self.directory, settings=self.settings | {"DATA_DIR": str(self.data)}, stdin=stdin
        )

    def _serves(self) -> bool:
        assert self.process is not None
        if (code := self.process.poll()) is not None:
            raise AssertionError(f"the server ended with {code} instead of serving:\n{self.log()[-4000:]}")
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
