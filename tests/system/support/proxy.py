"""A network that can be cut: a TCP proxy before a local port."""

import socket
import threading

from .server import free_port


class Proxy:
    """Passes bytes on, both ways. When cut, it takes what it is sent and passes nothing on, for connections that are
    there and for new ones alike, as a network does that drops every packet: nobody is told. When mended, what a
    connection held goes on.

    `cut_at`: cuts itself, once, behind these bytes of a client, and says so by `was_cut`."""

    def __init__(self, target: int, cut_at: bytes | None = None):
        self.target = target
        self.cut_at = cut_at
        self.was_cut = threading.Event()
        self.port = free_port()
        self._whole = threading.Event()
        self._whole.set()
        self._closing = False
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self.mend()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts: only then is the port free
        self._listener.close()
        with self._lock:
            for each in self._sockets:
                self._end(each)

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    def _accept(self) -> None:
        while not self._closing:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        self._whole.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            near.close()
            return
        for each in (near, far):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._sockets |= {near, far}
        threading.Thread(target=self._pass_on, args=(near, far, self.cut_at), daemon=True).start()
        threading.Thread(target=self._pass_on, args=(far, near, None), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, cut_at: bytes | None) -> None:
        try:
            while data := source.recv(65536):
                self._whole.wait()
                if cut_at is not None and cut_at in data and not self.was_cut.is_set():
                    self.cut()
                    self.was_cut.set()
                target.sendall(data)
        except OSError:
            pass
        self._whole.wait()
        self._end(target)
        self._end(source)

    @staticmethod
    def _end(each: socket.socket) -> None:
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
