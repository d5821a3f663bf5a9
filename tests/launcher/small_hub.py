"""A hub whose web and workers are tiny programs: the real supervisor, broker and migration around them."""

import http.server
import json
import os
import subprocess
import sys
import time

from jobs import nursery, supervisor


class Health(http.server.BaseHTTPRequestHandler):
    """Answers every GET with a health report."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"status": "ok", "version": "small", "workers": []}).encode())


def web() -> None:
    """Serve health on the port of the settings."""
    http.server.HTTPServer(("127.0.0.1", int(os.environ["MHUB_PORT"])), Health).serve_forever()


def worker() -> None:
    """Have a child, as a train worker has, and wait."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    time.sleep(600)


def forked() -> None:
    """Be a worker that the nursery forks. It says in its log which GPU it was given."""
    print("with", os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
    worker()


def small_nursery() -> None:
    """Be a nursery that has nothing to load."""
    nursery.LOADED = ()
    nursery.main()


def stubborn() -> None:
    """Start and die at once."""
    sys.exit("I cannot live like this")


def supervise(verb: str, *processes: str) -> None:
    """Supervise the processes named: `web`, or `web=stubborn` for a web process that is none."""
    pairs = [process.partition("=") for process in processes]
    supervisor.WORKER = ["-m", __spec__.name, "forked"]
    nursery.COMMAND = [sys.executable, "-m", __spec__.name, "small_nursery"]
    supervisor.table_of = lambda verb: {name: ["-m", __spec__.name, kind or name] for name, _, kind in pairs}
    supervisor.main([verb])


if __name__ == "__main__":
    verbs = {verb.__name__: verb for verb in (web, worker, forked, small_nursery, stubborn, supervise)}
    verbs[sys.argv[1]](*sys.argv[2:])
