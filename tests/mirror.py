"""A mirror of MNIST on this machine, which answers as it is told."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from helpers.data.parts import PARTS

REAL = os.environ.get("MNIST_DIR")  # read here: a fixture hides it from the code
TRAIN_IMAGES = f"{PARTS[0].file}.gz"


class Request(BaseHTTPRequestHandler):
    """One request, for the file `name`."""

    def do_GET(self) -> None:
        self.name = self.path.rpartition("/")[2]
        self.server.requests.append(self.path)
        # A client that has seen enough and goes away is part of the game.
        with contextlib.suppress(OSError):
            self.server.answer(self)

    def log_message(self, *args: object) -> None:
        pass

    def begin(self, length: int) -> None:
        """Send the headers of a file of so many bytes."""
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def send(self, content: bytes) -> None:
        """Send a whole file."""
        self.begin(len(content))
        self.wfile.write(content)

    def wait(self, seconds: float = 60) -> bool:
        """Wait, and tell whether the mirror goes on."""
        return not self.server.closing.wait(seconds)


Answer = Callable[[Request], None]


def whole(request: Request) -> None:
    """Send the file of MNIST that was asked for."""
    request.send((Path(REAL) / request.name).read_bytes())


def for_images(answer: Answer, otherwise: Answer = whole) -> Answer:
    """Return an answer for the training images alone."""
    return lambda request: (answer if request.name == TRAIN_IMAGES else otherwise)(request)


def half(request: Request) -> None:
    """Announce 100,000 bytes, send half of them and close."""
    request.begin(100_000)
    request.wfile.write(b"\x1f\x8b" + bytes(49_998))


def stall(request: Request) -> None:
    """Send half of the file and nothing more, without closing."""
    half(request)
    request.wait()


class Mirror(ThreadingHTTPServer):
    """The server; `requests` are the paths that were asked for."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answer, self.requests, self.closing = answer, [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/mnist"


@contextlib.contextmanager
def mirror(answer: Answer = whole) -> Iterator[Mirror]:
    """Serve in the block."""
    server = Mirror(answer)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
