"""Keeps a few processes running together, and ends them together.

It knows nothing of Django, so that the process which only watches stays small: ``serve`` prepares
the site and then turns into ``python -m recovery.supervision PLAN`` (``os.exec``).
"""

import ctypes
import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from types import FrameType

from recovery.sockets import answers, listen

# Seconds.
PATIENCE = 10.0  # from asking a child to stop until it is killed
QUICK = 10.0  # a child that ended sooner than this after its start could not really run
FIRST_DELAY = 0.5  # before it is started again; doubled each time
AGAIN = 1.0  # a second Ctrl-C this long after the first means: now
READY_WITHIN = 60.0  # a successor that is not ready by then never will be
QUICK_DEATHS = 5

_PR_SET_PDEATHSIG = 1


def follow_parent(parent: int, signum: int = signal.SIGTERM) -> None:
    """Have the kernel send ``signum`` to this process when its parent ends (Linux: prctl(2)).

    ``parent`` is the parent's process number: should it have ended already, this process ends too.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


@dataclass(frozen=True)
class Plan:
    """What to run: commands by the name that messages give them."""

    commands: dict[str, list[str]]
    # Once something answers HTTP at this address, the greeting is printed.
    host: str
    port: int
    greeting: str
    # Where to listen: an IP address.
    address: str = ""
    # The one of them that answers there, run so many times. Each is given a listening socket that stays
    # when it is replaced, and tells when it is ready: ``--sockets 4 --ready 6``.
    server: str = ""
    workers: int = 1
    # What has to be done before another release is started in place of this one.
    preparation: list[str] = field(default_factory=list)
    # An SQLite file that is to be whole by itself when everything has ended; empty for none.
    database: str = ""

    def to_json(self) -> str:
        return json.dumps(asdict(self))


@dataclass
class Child:
    """One command, started again whenever it ends."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    start_at: float = 0.0
    quick_deaths: int = 0
    # Listening sockets that it is to answer at, if any, and where it says that it does.
    sockets: Sequence[socket.socket] = ()
    ready: int = -1
    # It was asked to end, to be started anew.
    is_leaving: bool = False

    def start(self) -> None:
        """Start it in a process group of its own: the terminal's Ctrl-C is for the supervisor."""
        parent = os.getpid()
        self.started = time.monotonic()
        self.is_leaving = False
        command, handles = list(self.command), [one.fileno() for one in self.sockets]
        if handles:
            self.forget_ready()
            self.ready, said = os.pipe()
            command += ["--sockets", ",".join(map(str, handles)), "--ready", str(said)]
            handles.append(said)
        self.process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            pass_fds=handles,
            # Safe here: this process has one thread.
            preexec_fn=lambda: follow_parent(parent),
        )
        if self.sockets:
            os.close(said)

    def forget_ready(self) -> None:
        if self.ready >= 0:
            os.close(self.ready)
        self.ready = -1

    def note_end(self) -> str:
        """Take note when it has ended; return the sentence about it, empty while it runs."""
        if self.process is None or self.process.poll() is None:
            return ""
        code, now = self.process.returncode, time.monotonic()
        # Its own children, if any, must not outlive it and hold on to the port.
        self.send(signal.SIGKILL)
        self.process = None
        if self.is_leaving:
            self.start_at = 0.0
            return ""
        self.quick_deaths = self.quick_deaths + 1 if now - self.started < QUICK else 0
        delay = FIRST_DELAY * 2 ** max(self.quick_deaths - 1, 0)
        self.start_at = now + delay
        return f"The {self.name} ended unexpectedly ({_how(code)}); it starts again in {delay:g} s."

    def send(self, signum: int) -> None:
        """Send a signal: SIGKILL to the whole group, others to the process, which tells its own."""
        if self.process is None:
            return
        try:
            if signum == signal.SIGKILL:
                os.killpg(self.process.pid, signum)
            else:
                self.process.send_signal(signum)
        except ProcessLookupError:
            pass


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


@dataclass
class Supervisor:
    """Runs the plan until it is asked to stop or a child cannot be kept alive."""

    plan: Plan
    say: Callable[[str], None]
    children: list[Child] = field(init=False)
    greeted: bool = False
    stop_asked: float = 0.0
    restart_asked: bool = False
    # Replaced, and finishing what they have begun; each may until then.
    leaving: list[tuple[Child, float]] = field(default_factory=list)
    hurry: bool = False

    def __post_init__(self) -> None:
        self.children = []
        for name, command in self.plan.commands.items():
            if name == self.plan.server:
                self.children += self._servers(name, command)
            else:
                self.children.append(Child(name, command))

    def _servers(self, name: str, command: list[str]) -> list[Child]:
        number = self.plan.workers
        sockets = listen(self.plan.address, self.plan.port, number)
        return [
            Child(
                f"{name} {nth + 1}" if number > 1 else name,
                command,
                sockets=[sockets[nth % len(sockets)]],
            )
            for nth in range(number)
        ]

    def run(self) -> int:
        """Return the exit code: 0 after SIGINT, SIGTERM or SIGHUP, 1 when a child keeps dying."""
        with self._listen_for_signals() as wakeup:
            try:
                return self._keep_running(wakeup)
            finally:
                self._stop(wakeup)

    def _keep_running(self, wakeup: socket.socket) -> int:
        while not self.stop_asked:
            if hopeless := self._tend():
                self.say(hopeless)
                return 1
            if self.restart_asked:
                self.restart_asked = False
                self._restart(wakeup)
            self._greet()
            self._see_off()
            is_busy = self.leaving or not self.greeted
            _wait(wakeup, 0.1 if is_busy else self._until_next_start())
        return 0

    def _listen_for_signals(self) -> socket.socket:
        wakeup, sender = socket.socketpair()
        wakeup.setblocking(False)
        sender.setblocking(False)
        # Detached, so that it lives as long as the process.
        signal.set_wakeup_fd(sender.detach(), warn_on_full_buffer=False)
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self._on_stop)
        # Whoever starts it with nohup wants it to stay.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_stop)
        signal.signal(signal.SIGUSR1, self._on_restart)
        # Only to be woken: ends are noticed by asking each child.
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        return wakeup

    def _on_stop(self, signum: int, frame: FrameType | None) -> None:
        # One Ctrl-C may arrive twice, from the terminal and from whoever forwards it.
        now = time.monotonic()
        self.hurry = self.hurry or bool(self.stop_asked and now - self.stop_asked > AGAIN)
        self.stop_asked = self.stop_asked or now

    def _on_restart(self, signum: int, frame: FrameType | None) -> None:
        self.restart_asked = True

    def _restart(self, wakeup: socket.socket) -> None:
        """Start everything anew, without a gap: the new web server answers before the old one leaves."""
        if not self._is_prepared(wakeup):
            self.say("Not restarted: the preparation failed, and the messages above say why.")
            return
        servers = [number for number, child in enumerate(self.children) if child.sockets]
        successors = [self._successor(self.children[number]) for number in servers]
        for one in successors:
            if not self._becomes_ready(one, wakeup):
                self._give_up(successors)
                self.say(f"Not restarted: the new {one.name} does not run; the old one goes on.")
                return
        for number, successor in zip(servers, successors, strict=True):
            self.leaving.append((self.children[number], time.monotonic() + PATIENCE))
            self.children[number].send(signal.SIGTERM)
            self.children[number] = successor
        for child in self.children:
            if not child.sockets:
                child.is_leaving = True
                child.send(signal.SIGTERM)
        self.say("Restarted.")

    def _successor(self, child: Child) -> Child:
        successor = Child(child.name, child.command, sockets=child.sockets)
        successor.start()
        return successor

    def _give_up(self, children: list[Child]) -> None:
        for child in children:
            child.send(signal.SIGKILL)
            self.leaving.append((child, 0.0))

    def _is_prepared(self, wakeup: socket.socket) -> bool:
        if not self.plan.preparation:
            return True
        preparing = subprocess.Popen(  # noqa: S603
            self.plan.preparation, stdin=subprocess.DEVNULL
        )
        while preparing.poll() is None and not self.stop_asked:
            self._tend_meanwhile()
            _wait(wakeup, 0.5)
        if self.stop_asked:
            preparing.terminate()
        return preparing.wait() == 0

    def _becomes_ready(self, child: Child, wakeup: socket.socket) -> bool:
        """Wait until the new server answers; say whether it came to that."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline and not self.stop_asked:
            if child.process is None or child.process.poll() is not None:
                return False
            self._tend_meanwhile()
            if select.select([child.ready, wakeup], [], [], 0.5)[0] == [wakeup]:
                wakeup.recv(4096)
            elif select.select([child.ready], [], [], 0)[0]:
                return bool(os.read(child.ready, 1))
        return False

    def _see_off(self) -> None:
        """Take leave of those who were replaced and have finished; kill who takes too long."""
        for child, deadline in list(self.leaving):
            if time.monotonic() > deadline:
                child.send(signal.SIGKILL)
            if child.process is None or child.process.poll() is not None:
                child.send(signal.SIGKILL)
                child.forget_ready()
                self.leaving.remove((child, deadline))

    def _tend(self) -> str:
        """Start what should run and does not; return a sentence when there is no point in it."""
        for child in self.children:
            if ended := child.note_end():
                if child.quick_deaths >= QUICK_DEATHS:
                    return (
                        f"Giving up: the {child.name} ended {QUICK_DEATHS} times right after its start. "
                        "The messages above say why."
                    )
                self.say(ended)
            if child.process is None and time.monotonic() >= child.start_at:
                child.start()
        return ""

    def _tend_meanwhile(self) -> None:
        """Look after those that are to be replaced, for as long as that takes."""
        # One that cannot be kept alive ends nothing here: what comes in its place may be the cure.
        self._tend()
        self._see_off()

    def _until_next_start(self) -> float | None:
        waiting = [child.start_at for child in self.children if child.process is None]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _greet(self) -> None:
        if not self.greeted and answers(self.plan.host, self.plan.port):
            self.greeted = True
            self.say(self.plan.greeting)

    def _stop(self, wakeup: socket.socket) -> None:
        """Ask all to stop, wait, kill what is left, and leave no zombie."""
        everybody = [*self.children, *(child for child, _ in self.leaving)]
        for child in everybody:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while self._running() and time.monotonic() < deadline and not self.hurry:
            _wait(wakeup, 0.2)
        for child in everybody:
            child.send(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()

    def _running(self) -> bool:
        return any(
            child.process is not None and child.process.poll() is None
            for child in [*self.children, *(child for child, _ in self.leaving)]
        )


def _wait(wakeup: socket.socket, seconds: float | None) -> None:
    """Sleep until a signal comes or the time is over."""
    if select.select([wakeup], [], [], seconds)[0]:
        wakeup.recv(4096)


def _say(sentence: str) -> None:
    try:
        print(sentence, flush=True)  # noqa: T201
    except BrokenPipeError:
        # Nobody reads any more; the site goes on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def make_whole(database: str) -> None:
    """Bring what stands in SQLite's write-ahead log into the file itself, which people copy.

    Whoever still has it open keeps that from being done; then it stays for the next time.
    """
    if not os.path.exists(database):
        return
    try:
        with closing(sqlite3.connect(database, timeout=2)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass


def main() -> None:
    """Run the plan given as JSON on the command line."""
    plan = Plan(**json.loads(sys.argv[1]))
    code = Supervisor(plan, _say).run()
    make_whole(plan.database)
    sys.exit(code)


if __name__ == "__main__":
    main()
