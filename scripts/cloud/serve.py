"""A local AWS on a free port of loopback: serve.py {ministack|moto} [FOLDER…]. Run it with the Python of .cloud.
Modules that it lacks are looked for in the folders.

Says its port on standard output, one line, when it answers, and lives until standard input ends: whoever started it
may die in any way, no server stays behind. Its own log goes to standard error.
"""

import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

PATIENCE_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent(server: int) -> None:
    """Ends this process, and the functions that it started, when standard input ends."""
    while os.read(0, 1024):
        pass
    os.killpg(server, signal.SIGKILL)


def announce(port: int, out: int) -> None:
    """Waits until the server answers, and tells the port."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_S:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
        except urllib.error.HTTPError:
            pass  # an answer too
        except OSError:
            time.sleep(0.05)
            continue
        os.write(out, f"{port}\n".encode())
        return
    print(f"serve.py: no answer on port {port} within {PATIENCE_S} s", file=sys.stderr)
    os.killpg(os.getpid(), signal.SIGKILL)


def main() -> None:
    kind = sys.argv[1]
    sys.path += sys.argv[2:]
    if os.getpgrp() != os.getpid():
        os.setsid()  # a group of its own: ends with the functions that it starts
    out = os.dup(1)
    os.dup2(2, 1)
    port = free_port()
    threading.Thread(target=end_with_parent, args=(os.getpid(),), daemon=True).start()
    threading.Thread(target=announce, args=(port, out), daemon=True).start()
    if kind == "ministack":
        # Read when the module is loaded. Without BIND_HOST it listens on every interface.
        os.environ.update(BIND_HOST="127.0.0.1", MINISTACK_HOST="127.0.0.1", GATEWAY_PORT=str(port))
        from ministack import app

        sys.argv = ["ministack"]
        app.main()
    elif kind == "moto":
        from moto import server
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication as Application

        answer, one_by_one = Application.__call__, threading.Lock()

        def alone(self, environ, start_response):
            """Moto checks a condition and writes in two steps that threads can come between."""
            with one_by_one:
                return answer(self, environ, start_response)

        Application.__call__ = alone
        server.main(["-H", "127.0.0.1", "-p", str(port)])
    else:
        sys.exit(__doc__)


main()
