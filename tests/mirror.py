"""A mirror of MNIST on this machine, which sends the files whole or stops in the middle."""

import contextlib
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REAL = os.environ.get("MNIST_DIR")  # read here: a fixture hides it from the code


@contextlib.contextmanager
def mirror(stalls_at: str = "") -> Iterator[tuple[str, list[str]]]:
    """Serve in the block: (address, the names that were asked for).

    Of `stalls_at` half is sent and nothing more.
    """
    asked, closing = [], threading.Event()

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            asked.append(name)
            content = (Path(REAL) / name).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):  # the client may go away
                self.wfile.write(content[: len(content) // 2])
                if name == stalls_at:
                    closing.wait(60)
                self.wfile.write(content[len(content) // 2 :])

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/mnist", asked
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
