"""Starts the hub's processes, starts again what dies, stops them all: `python -m jobs.supervisor up|web|worker`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any, TypeVar

from jobs import front, machine, nursery, valkey
from jobs.home import Home
from jobs.process import Process, last_words
from mhub_core import settings
from mhub_core.errors import Invalid, MHubError, Unavailable

SECONDS_TO_HEALTH = 300  # of a machine that is busy with other things
SECONDS_OF_SILENCE = 5
SECONDS_TO_STOP = 8
DEATHS_BEFORE_GIVING_UP = 3
# Name -> what to run. Data, so that a test can supervise something small.
WORKER = ["-m", "jobs.worker"]
QUICK = {"quick": [*WORKER, "quick"]}
TRAIN = [*WORKER, "training"]
MIGRATE = ["-m", "db.migrate"]
P = TypeVar("P", bound=Process)


class Supervisor:
    """All processes of one home. `run` returns when somebody asks it to stop."""

    def __init__(self, home: Home, table: dict[str, list[str]]) -> None:
        self.home = home
        self.table = table
        self.processes: list[Process] = []
        self.stop = threading.Event()
        self.hurry = False
        self.url = ""
        self.started = time.time()
        self.watchdog: subprocess.Popen[str] | None = None

    # Starting

    def run(self) -> None:
        """Start everything in order and look after it. Whatever happens, nothing is left running."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup asks us to outlive the terminal
                signal.signal(number, self.ask_to_stop)
        say(f"Starting on the home {self.home.path} ...")
        try:
            if self.home.kind == "hub":
                self.lay_the_ground()
            for name, arguments in self.table.items():
                self.add_ours(name, arguments)
            self.wait_for_health()
            self.look_after()
        finally:
            self.stop_all()

    def add(self, name: str, command: list[str], environment: dict[str, str]) -> Process:
        """Start one more process and keep it."""
        return self.keep(Process(name, command, self.home.open_log(name), self.tell_watchdog, environment))

    def add_ours(self, name: str, arguments: list[str]) -> None:
        """Start a program of the hub. A worker is forked where that can be, as soon as the nursery is ready."""
        command, log, environment = [sys.executable, *arguments], self.home.open_log(name), machine.gpu_for(name)
        if arguments[: len(WORKER)] == WORKER and nursery.adopt():
            self.keep(nursery.Forked(name, command, log, self.tell_watchdog, environment, nursery=self.require_nursery()))
        else:
            self.add(name, command, environment)

    def require_nursery(self) -> nursery.Nursery:
        """Return the nursery, started when it is needed first."""
        for process in self.processes:
            if isinstance(process, nursery.Nursery):
                return process
        return self.keep(nursery.Nursery("nursery", nursery.COMMAND, self.home.open_log("nursery"), self.tell_watchdog))

    def keep(self, process: P) -> P:
        """Start a process if it can be started now, and look after it."""
        self.processes.append(process)
        if process.is_due():
            process.start()
        return process

    def lay_the_ground(self) -> None:
        """Give the hub its broker and its database. A joined worker finds both where it was told."""
        if not settings.text("REDIS_URL"):
            self.start_broker()
        self.migrate()

    def start_broker(self) -> None:
        """Start the embedded broker and wait until it answers."""
        folder = self.home.path / "broker"
        valkey.clear_the_way(folder)
        broker = self.add("broker", valkey.command(folder), {})
        deadline = time.monotonic() + 30
        while not valkey.answers() and not self.stop.is_set():
            if not broker.is_running() or time.monotonic() > deadline:
                raise Unavailable("The broker did not start.", "", f"Its last output: {last_words(broker.log)}")
            self.stop.wait(0.05)

    def migrate(self) -> None:
        """Bring the database to the newest form, in a process that may be interrupted."""
        process = self.add("migrate", [sys.executable, *MIGRATE], {})
        while process.is_running():
            if self.stop.wait(0.05):
                return
        self.processes.remove(process)
        assert process.child is not None
        if process.child.returncode == os.EX_DATAERR:  # the file of the database is damaged, and the last line tells what to do
            raise Unavailable(last_words(process.log, 1))
        if process.child.returncode:
            raise Unavailable(
                "The database could not be upgraded to the current schema.",
                f"It is {settings.database_url().split('@')[-1]}.",
                f"Last output in {process.log}: {last_words(process.log)}",
            )

    def wait_for_health(self) -> None:
        """Wait until a web process says that all is well, and print the address. A joined worker has no web."""
        self.write_state()
        if not self.starts("web"):
            say(f"Working for the hub at {settings.redis_url().split('@')[-1]}. Logs are in {self.home.path / 'logs'}")
            return
        began, told = time.monotonic(), ""
        answer: dict[str, Any] = {}
        while not self.stop.is_set() and not self.is_well(answer):
            status = answer.get("status", "the web process does not answer yet")
            if time.monotonic() - began > SECONDS_TO_HEALTH:
                hint = f"Look at the logs in {self.home.path / 'logs'}."
                raise Unavailable(f"The hub is not healthy after {SECONDS_TO_HEALTH} s: {status}.", "", hint)
            if time.monotonic() - began > SECONDS_OF_SILENCE and status != told:
                say(f"Waiting: {status} ...")
                told = status
            self.revive()
            self.give_up_on_the_hopeless()
            answer = machine.health(machine.address())
            self.stop.wait(0.3)
        if not self.stop.is_set():
            self.url = machine.address()
            self.write_state()
            say(f"M-Hub is ready: {self.url}   (Ctrl-C stops it; logs are in {self.home.path / 'logs'})")
            if advice := front.advice():
                say(advice)

    def starts(self, kind: str) -> bool:
        """Return whether processes of this kind are among those to run: `web`, `quick`, `train`."""
        return any(name.startswith(kind) for name in self.table)

    def is_well(self, answer: dict[str, Any]) -> bool:
        """Return whether the hub can be used. Workers that are not started here are not waited for: they may join later."""
        workers = {"quick": "no quick worker is alive", "train": "no training worker is alive"}
        elsewhere = {words for kind, words in workers.items() if not self.starts(kind)}
        return set(answer.get("status", "no answer").split("; ")) <= {"ok", *elsewhere}

    def give_up_on_the_hopeless(self) -> None:
        """Raise Unavailable when a process dies again and again before the hub was ever well."""
        for process in self.processes:
            if process.restarts >= DEATHS_BEFORE_GIVING_UP:
                raise Unavailable(f"{process.name} keeps stopping.", "", f"{process.log}: {last_words(process.log)}")

    # Looking after

    def look_after(self) -> None:
        """Start again what dies, until somebody asks to stop."""
        while not self.stop.wait(0.2):
            self.revive()
            for process in self.processes:
                process.put_log_aside()

    def revive(self) -> None:
        """Note who died, and start whose time has come."""
        changed = False
        for process in self.processes:
            if process.child is not None and not process.is_running():
                say(process.bury())
                changed = True
            if process.is_due():
                process.start()
                changed = True
        nursery.bury_orphans({watched.pid for watched in (self.watchdog, *(p.child for p in self.processes)) if watched})
        if changed:
            self.write_state()

    def tell_watchdog(self, line: str) -> None:
        """Pass on what started and what ended; a watchdog that is gone is replaced and told everything."""
        try:
            assert self.watchdog is not None and self.watchdog.stdin is not None
            self.watchdog.stdin.write(line + "\n")
            self.watchdog.stdin.flush()
        except (AssertionError, BrokenPipeError):
            self.start_watchdog()
            for process in self.processes:
                if process.child is not None and process.child.returncode is None:
                    self.tell_watchdog(f"+{process.child.pid}")

    def start_watchdog(self) -> None:
        """Start the process that cleans up should this one be killed. It holds the home's lock, too."""
        self.watchdog = subprocess.Popen(
            [sys.executable, "-m", "jobs.watchdog"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            pass_fds=[self.home.lock_fd],
        )

    def write_state(self) -> None:
        """Tell `mhub status` what runs."""
        children = [
            {"name": p.name, "pid": p.child.pid if p.child else None, "started": p.started, "restarts": p.restarts}
            for p in self.processes
        ]
        state = {"pid": os.getpid(), "url": self.url, "started": self.started, "children": children}
        self.home.write_state(state)

    # Stopping

    def ask_to_stop(self, number: int, frame: object) -> None:
        """Stop at the first signal; stop at once at the second."""
        self.hurry = self.stop.is_set()
        self.stop.set()

    def stop_all(self) -> None:
        """Stop web and workers, then the broker that they say goodbye to."""
        if self.stop.is_set():
            say("Stopping ...")
        brokers = [process for process in self.processes if process.name == "broker"]
        others = [process for process in self.processes if process.name != "broker"]
        self.stop_these(others, SECONDS_TO_STOP)
        self.stop_these(brokers, 2)
        self.home.forget_state()
        if self.watchdog is not None and self.watchdog.stdin is not None:
            self.watchdog.stdin.close()
            self.watchdog.wait(timeout=SECONDS_TO_STOP + 2)
        if self.stop.is_set():
            say("Stopped.")

    def stop_these(self, processes: list[Process], seconds: float) -> None:
        """Ask, wait, then kill."""
        for process in processes:
            process.ask_to_stop()
        deadline = time.monotonic() + seconds
        while any(p.is_running() for p in processes) and time.monotonic() < deadline and not self.hurry:
            time.sleep(0.05)
        for process in processes:
            process.kill()


# Words and tables


def say(words: str) -> None:
    """Tell the person at the terminal; one that was closed meanwhile must not stop the hub."""
    with contextlib.suppress(OSError):
        print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def table_of(verb: str) -> dict[str, list[str]]:
    """Return what to run for `up`: `web` and `worker` are its two halves."""
    train = {f"train-{number + 1}": TRAIN for number in range(settings.number("MHUB_WORKERS"))}
    return (front.table() if verb != "worker" else {}) | (QUICK | train if verb != "web" else {})


def supervise(verb: str, table: dict[str, list[str]]) -> None:
    """Check what can be checked before anything starts, then start. Raises MHubError with nothing half-done."""
    home = Home(settings.home(), "worker" if verb == "worker" else "hub")
    home.prepare()
    home.lock()
    if verb != "worker":
        for port in front.ports():
            machine.check_port(port)
        settings.secret_key()
    Supervisor(home, table).run()


def main(arguments: list[str]) -> None:
    """Run one verb; a person's error is one plain message and code 1."""
    try:
        if arguments not in (["up"], ["web"], ["worker"]):
            raise Invalid(f"Unknown arguments: {arguments}.", "up, web or worker.")
        os.chdir(settings.ROOT)
        os.umask(0o077)  # What the hub writes is for its owner alone.
        # Children find the same home whatever folder they are in.
        os.environ["MHUB_HOME"] = str(settings.home())
        supervise(arguments[0], table_of(arguments[0]))
    except (MHubError, ValueError) as error:
        sys.exit(f"mhub: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(sys.argv[1:])
