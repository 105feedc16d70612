"""The gate that is timed, in a scratch folder, the people in it, and a browser that times what it sends."""

import pathlib
import socket
import sqlite3
import time
import urllib.parse

import vestibule
from vestibule import Person, Tls

WRONG = "Wrong-Horse-7-Battery!!"


class Gate(vestibule.Gate):
    """A release build, set up so that no limit refuses. Its tables are emptied of counters between attempts, never during one."""

    def __init__(self, folder, binary):
        # Somebody who listens, so that the gate is ready; nobody ever asks the portal anything.
        self.portal = socket.create_server(("127.0.0.1", 0))
        super().__init__(binary, pathlib.Path(folder) / "data", self.portal.getsockname()[1], {
            "listen": "workers = 1",
            "limits": 'anonymous_per_client = "100000/s burst 100000"\nfailures_per_client = "100000/s burst 100000"',
            "log": "access = false",
        })
        self.log = open(self.data / "gate.log", "wb")
        self.start(stdout=self.log, stderr=self.log)
        self.until()
        self.store = sqlite3.connect(self.data / "vestibule.db", timeout=20, isolation_level=None)
        self.store.execute("PRAGMA synchronous = OFF")

    def last_words(self):
        return (self.data / "gate.log").read_text()[-2000:]

    def work(self):
        """What all threads of the gate have used of the processor, in nanoseconds."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir())

    def close(self):
        self.stop()
        self.store.close()
        self.log.close()
        self.portal.close()

    def invite(self, login):
        return urllib.parse.urlsplit(self.cli("user", "invite", login).strip()).path

    def enrolled(self, login):
        """Somebody with a password and an authenticator app, whose browser is thrown away: its secret."""
        return Person(self, login).enrol().secret

    def forget_failures(self):
        self.store.execute("DELETE FROM buckets")
        self.store.execute("DELETE FROM attempts")

    def lock(self, logins):
        for login in logins:
            self.store.execute("UPDATE accounts SET locked_at = ? WHERE login = ?", (int(time.time() * 1000), login))

    def ready_for_code(self, login, step):
        """Nobody has failed yet, and the code of this step was used a moment ago: for whoever enters a wrong one too."""
        self.store.execute("BEGIN IMMEDIATE")
        self.forget_failures()
        self.store.execute("UPDATE pendings SET attempts = 0")
        self.store.execute("UPDATE accounts SET locked_at = NULL, last_step = ? WHERE login = ?", (step, login))
        self.store.execute("COMMIT")


class Browser(vestibule.Browser):
    """Keeps a connection, too, and tells how long the last answer took."""

    def __init__(self, gate, by_work=False):
        super().__init__(gate.port)
        self.clock = gate.work if by_work else time.perf_counter_ns
        self.wire, self.took = Tls(gate.port), 0
        self.open()

    def open(self):
        self.wire.connect()
        self.wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exchange(self, method, path, body, headers):
        if self.wire.sock is None:
            self.open()
        begin = self.clock()
        self.wire.request(method, path, body, headers)
        answer = self.wire.getresponse()
        text = answer.read()
        self.took = self.clock() - begin
        return answer, text
