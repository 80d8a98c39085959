"""What clamd does with INSTREAM (clamd(8)), true to its bytes: the test says what it finds, and how it fails."""

import socket
import struct
import threading
from pathlib import Path
from types import TracebackType

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Listens on a Unix socket, or on a port. `mode`: "scan", "hang" (takes everything and never answers), "cut" (closes
    in the middle), "limit" (as when a stream is longer than StreamMaxLength), "nonsense"."""

    def __init__(self, path: Path | None = None):
        self.mode = "scan"
        self.scanned: list[int] = []  # the size of every file that came to its end
        self._stopping = threading.Event()
        if path is None:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(path))
            self._listener.listen()
            self.address = str(path)

    def __enter__(self) -> "Clamd":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as stream:
            command = b""
            while not command.endswith(b"\0"):
                byte = stream.read(1)
                if not byte:
                    return
                command += byte
            if command != b"zINSTREAM\0":
                line.sendall(b"UNKNOWN COMMAND\0")
                return
            data = b""
            while True:
                head = stream.read(4)
                if len(head) < 4:
                    return
                size = struct.unpack("!I", head)[0]
                if size == 0:
                    break
                piece = stream.read(size)
                if len(piece) < size or self.mode == "cut":
                    return
                data += piece
                if self.mode == "limit":
                    line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            self.scanned.append(len(data))
            if self.mode == "hang":
                self._stopping.wait()
            elif self.mode == "nonsense":
                line.sendall(b"what?\0")
            else:
                line.sendall(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0")
