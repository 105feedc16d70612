"""The gate as its operator runs it: a process without privileges, its log, its memory; and what is done to it here."""

import collections
import json
import os
import pathlib
import resource
import shutil
import subprocess
import threading

import vestibule

# Whatever becomes of the soak, no gate is left behind. Where it is root's, the gate is a root without privileges: otherwise no file
# would be read-only for it.
BEFORE = ["setpriv", "--pdeathsig=KILL"] + (["--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else [])
# Patient with the portal: a machine that is busy is no fault of either.
MORE = {
    "listen": 'drain = "2s"',
    "limits": "connections = 12000",
    "portal": 'hosts = ["localhost"]\nresponse_timeout = "20s"',
}


class Log:
    """What the gate says: the last lines are kept, and whatever is worse than usual; the rest is counted and thrown away."""

    def __init__(self, stream, trouble, panics):
        self.last, self.trouble, self.panics, self.warnings = collections.deque(maxlen=400), trouble, panics, {}
        self.thread = threading.Thread(target=self.read, args=(stream,), daemon=True)
        self.thread.start()

    def read(self, stream):
        for raw in stream:
            if b'"kind":"access"' in raw:
                continue
            line = raw.decode("utf-8", "replace").rstrip()
            self.last.append(line)
            if '"level":"WARN"' in line or '"level":"ERROR"' in line:
                self.warn(line)
            if "panicked" in line or "RUST_BACKTRACE" in line:
                self.panics.append(line)
            if self.trouble.tell() < 4 << 20:
                self.trouble.write(line + "\n")


    def warn(self, line):
        """Each kind once: how often it came, when first, and its last words."""
        try:
            said = json.loads(line)
        except ValueError:
            return
        count, first = self.warnings.get(said.get("message"), (0, said.get("timestamp", "")))[:2]
        if count or len(self.warnings) < 100:
            self.warnings[said.get("message")] = (count + 1, first, line)


class Gate(vestibule.Gate):
    """One `vestibule serve` with all that belongs to it in one folder."""

    def __init__(self, binary, folder, upstream, limits=""):
        """`limits`: further lines of that section."""
        folder.mkdir()
        self.folder, self.starts, self.panics = folder, 0, []
        # What the command line begins with.
        self.prefix = list(BEFORE)
        self.clock = folder / "clock"
        self.clock.write_text("0\n")
        super().__init__(binary, folder / "data", upstream, {**MORE, "limits": f"{MORE['limits']}\n{limits}"})
        self.env = {"VESTIBULE_TEST_CLOCK": str(self.clock), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}
        self.trouble = open(folder / "gate.log", "a", encoding="utf-8")

    def start(self, ready=True):
        # With SIGXFSZ ignored, as Python leaves it, a limit on file sizes is an error of writing: a full disk.
        super().start(self.prefix, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, restore_signals=False, start_new_session=True)
        self.log = Log(self.process.stderr, self.trouble, self.panics)
        self.starts += 1
        if ready:
            self.until()
        return self

    def last_words(self):
        return "\n".join(list(self.log.last)[-12:])

    def metric(self, name):
        """The sum of a metric over its labels."""
        lines = self.asks("/metrics")[1].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def warned(self):
        """What it has warned of since it started."""
        return [f"{count} times from {first[11:19]} on, at last: {line}" for count, first, line in self.log.warnings.values()]

    def list(self, *args):
        return json.loads(self.cli(*args, "--format", "json"))

    def move_clock(self, seconds):
        self.offset = seconds
        fresh = self.folder / "clock.new"
        fresh.write_text(f"{seconds}\n")
        fresh.replace(self.clock)

    def limit(self, what, soft):
        """Lowers (or lifts) a limit of the running process; hands back what held."""
        before = resource.prlimit(self.process.pid, what)
        resource.prlimit(self.process.pid, what, (before[1] if soft is None else soft, before[1]))
        return before

    def memory(self):
        """Resident memory that is the process's own, in MiB."""
        try:
            for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) / 1024
        except OSError:
            pass
        return 0.0

    def signal(self, which):
        self.process.send_signal(which)

    def stop(self):
        super().stop()
        self.trouble.flush()

    def certificate_of(self, name):
        """Another certificate for the same host, by the same command that made the first."""
        made = self.folder / name
        self.init(made, 9)
        pair = {each: (made / "certs" / each).read_bytes() for each in ("portal.pem", "portal.key")}
        shutil.rmtree(made)
        return pair
