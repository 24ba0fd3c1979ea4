"""A cable between a command and its node that is cut after so many bytes, and mended at once."""

import contextlib
import socket
import threading


class CutCable:
    """Listens on a port and carries bytes to another; each connection ends after the next of ``cuts`` bytes of one way."""

    def __init__(self, to_port: int, cuts: list[int]) -> None:
        self.cuts = cuts
        self.carried = 0
        self.made = 0
        """How many of the cuts were made."""
        self._to_port = to_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to_port))
                left = [self.cuts[0] if self.cuts else 1 << 60]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, target, left), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, left: list[int]) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                self.carried += len(data)
                left[0] -= len(data)
                if left[0] < 0:
                    if self.cuts:
                        self.cuts.pop(0)
                        self.made += 1
                    break
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
