"""Google's storage as the emulator gcp-storage-emulator plays it, in this process and in memory."""

import logging
import threading
from functools import partial
from http.server import ThreadingHTTPServer

from gcp_storage_emulator.handlers.buckets import create_bucket
from gcp_storage_emulator.server import RequestHandler
from gcp_storage_emulator.storage import Storage

BUCKET = "files"


class Handler(RequestHandler):
    # One request at a time changes the storage, as in the emulator's own server, but many connections may be open.
    turn = threading.Lock()

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        with self.turn:
            getattr(self, "do_" + self.command)()
        self.wfile.flush()


class Emulator:
    """Listens on a free port of 127.0.0.1, and has the bucket BUCKET."""

    def __init__(self) -> None:
        logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)
        logging.getLogger("api.object").setLevel(logging.CRITICAL)
        self.storage = Storage(use_memory_fs=True)
        create_bucket(BUCKET, self.storage)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self.storage))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def names(self) -> list[str]:
        return sorted(item["name"] for item in self.storage.get_file_list(BUCKET)[0])

    def object(self, name: str) -> dict:
        """What the storage knows of an object."""
        return self.storage.get_file_obj(BUCKET, name)

    def bytes(self, name: str) -> bytes:
        return self.storage.get_file(BUCKET, name)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
