"""Everything that is measured: how each proxy is set up, started and stopped, always on core 0, and but for one with an access log."""

import functools
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import time

import ground
import sessions
import vestibule
from vestibule import HOST, free_port

PROXY_CORE, OTHER_CORE = "0", "1"
ECHO = pathlib.Path(__file__).resolve().with_name("echo.py")
MOST_CONNECTIONS = 9_000
SESSIONS = 100_000


def wait_for(port, process, seconds=60):
    """Until it listens; a program that ends, or never does, is told with its last words."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.child.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    words = pathlib.Path(process.log.name).read_text()[-2000:]
    raise SystemExit(f"{' '.join(map(str, process.child.args))}\nlistens on no port {port}:\n{words}")


@functools.cache
def strangers(count):
    """Cookies such as Vestibule's, which mean nothing to anybody: so the others are sent the same requests, by a load generator that has
    the same to do. (Apache alone has sessions of its own, and one person.)"""
    return [(f"__Host-vestibule={secrets.token_urlsafe(32)}", None) for _ in range(count)]


class Process:
    """One program with its children, pinned to a core; knows what CPU time they have used."""

    def __init__(self, core, command, folder, env=None):
        self.log = open(folder / "output.log", "ab")
        self.child = subprocess.Popen(["taskset", "-c", core, *map(str, command)], cwd=folder, stdout=self.log, stderr=self.log,
                                      stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})}, start_new_session=True)

    def tree(self):
        """The process and all its descendants."""
        parents = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    parents[int(entry.name)] = int(fields[1])
                except OSError:
                    continue
        found = {self.child.pid}
        while True:
            more = {pid for pid, parent in parents.items() if parent in found} - found
            if not more:
                return found
            found |= more

    def cpu(self):
        """User and system time so far, in seconds."""
        ticks = 0
        for pid in self.tree():
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
            except OSError:
                continue
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self, which="Pss"):
        """Resident memory that is the process's own, in bytes: no shared page is counted twice, and one that other programs share is
        theirs in part. `Pss_Anon`: without the pages of files, which whoever runs the same program shares."""
        total = 0
        for pid in self.tree():
            try:
                for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith(f"{which}:"):
                        total += int(line.split()[1]) * 1024
            except OSError:
                continue
        return total

    def stop(self):
        for how in (signal.SIGTERM, signal.SIGKILL):
            if self.child.poll() is None:
                self.child.send_signal(how)
                try:
                    self.child.wait(10)
                except subprocess.TimeoutExpired:
                    continue
        self.log.close()


class Peer:
    """One proxy in front of the upstream. `checks`: whether it asks who is there before it forwards."""

    name, checks, http2, https, slow = "", False, True, True, False
    # Whether WebSocket messages through it are measured: what asks once, at the handshake, adds nothing to what the proxy alone costs.
    tunnels = True
    # Whose CPU time comes on top: what is asked whether a request may pass.
    checker = None

    def __init__(self, root, upstream, certificate):
        self.folder = root / type(self).__name__.lower()
        self.folder.mkdir()
        self.upstream, self.certificate, self.port = upstream, certificate, free_port()
        self.process = None

    def start(self):
        self.process = Process(PROXY_CORE, self.command(), self.folder)
        wait_for(self.port, self.process)

    def stop(self):
        if self.process:
            self.process.stop()
        self.process = None

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def cookies(self):
        """`Cookie` values that are sent here, as many as there are sessions, with the name the upstream must see; `None`: any."""
        return strangers(SESSIONS)


class Direct(Peer):
    """The upstream itself."""

    name, https, http2 = "upstream, asked directly", False, False

    def start(self):
        self.port = self.upstream.port

    def stop(self):
        pass


class Static:
    """An nginx beside the load generator on the other core, which costs next to nothing."""

    def __init__(self, root, name, location, more=""):
        """`more`: further lines of its server."""
        self.folder = root / name
        self.files = self.folder / "files"
        self.files.mkdir(parents=True)
        self.port = free_port()
        (self.folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log; worker_rlimit_nofile 65000;
events {{ worker_connections 20000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; sendfile on; tcp_nopush on; open_file_cache max=10;
  client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f;
  uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  server {{ listen 127.0.0.1:{self.port} backlog=4096; root {self.files}; location / {{ {location} }} {more} }}
}}
""")

    def start(self):
        self.process = Process(OTHER_CORE, ["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"], self.folder)
        wait_for(self.port, self.process)
        return self

    def stop(self):
        self.process.stop()


class Echo:
    """A program beside it that sends back each WebSocket message."""

    def __init__(self, root):
        self.folder, self.port = root / "echo", free_port()
        self.folder.mkdir()
        self.process = Process(OTHER_CORE, [sys.executable, ECHO, "serve", self.port], self.folder)
        wait_for(self.port, self.process)

    def stop(self):
        self.process.stop()


class Upstream(Static):
    """A portal with files of three sizes and an echo at `/ws`, that says whom it was told of; and a checker that believes every cookie."""

    def __init__(self, root):
        self.echo = Echo(root)
        super().__init__(root, "upstream", "default_type text/html; add_header X-Seen-User $http_x_forwarded_user;",
                         f"location = /ws {{ proxy_pass http://127.0.0.1:{self.echo.port}; proxy_http_version 1.1; proxy_read_timeout 1h; "
                         "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }")
        (self.files / "1k").write_bytes(b"x" * 1024)
        (self.files / "100k").write_bytes(b"y" * 102_400)
        with open(self.files / "1g", "wb") as stream:
            stream.truncate(1 << 30)
        self.checker = Static(root, "checker", 'if ($http_cookie = "") { return 401; } return 204;').start()
        self.start()

    def stop(self):
        super().stop()
        self.checker.stop()
        self.echo.stop()


class Vestibule(Peer):
    name, checks = "Vestibule", True

    def __init__(self, root, upstream, certificate, binary, count, crowded=0):
        super().__init__(root, upstream, certificate)
        self.gate = vestibule.Gate(binary, self.folder / "data", upstream.port, {
            "listen": "workers = 1",
            "limits": 'exempt = ["127.0.0.0/8"]\nconnections = 40000\nconnections_per_client = 40000\n'
                      'requests_per_session = "100000/s burst 100000"',
        }, certificate)
        self.port, self.ops = self.gate.port, self.gate.ops
        sessions.seed(self.gate.data / "vestibule.db", f"{HOST}:{self.port}", count, self.folder / "cookies", crowded=crowded)

    def command(self):
        return self.gate.command()

    def cookies(self):
        lines = (line.split() for line in (self.folder / "cookies").read_text().splitlines())
        return [(f"__Host-vestibule={token}", login) for login, token in lines]


class Bare(Peer):
    """hyper and rustls without us: what those who stand on them begin with."""

    name, tunnels = "hyper alone, no check, no log", False

    def command(self):
        pem, key = self.certificate
        return [ground.bare().resolve(), self.port, f"127.0.0.1:{self.upstream.port}", pem, key]


class Nginx(Peer):
    name = "nginx, no check"
    location = ""

    def command(self):
        pem, key = self.certificate
        config = self.write("nginx.conf", f"""
daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log; worker_rlimit_nofile 65000;
events {{ worker_connections 30000; }}
http {{
  access_log {self.folder}/access.log; keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f;
  uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  upstream portal {{ server 127.0.0.1:{self.upstream.port}; keepalive 1024; keepalive_requests 1000000000; }}
  upstream checker {{ server 127.0.0.1:{self.upstream.checker.port}; keepalive 1024; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{self.port} ssl http2 backlog=4096; ssl_certificate {pem}; ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:s:10m;
    location / {{ {self.location} proxy_pass http://portal; proxy_http_version 1.1; proxy_set_header Connection $connection_upgrade;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Host $host; proxy_set_header X-Forwarded-User "";
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https; proxy_max_temp_file_size 0; }}
    location = /check {{ internal; proxy_pass http://checker; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_pass_request_body off; proxy_set_header Content-Length ""; }}
  }}
}}
""")
        return ["nginx", "-p", self.folder, "-c", config]


class NginxAuthRequest(Nginx):
    name, checks, tunnels = "nginx + auth_request", True, False
    location = "auth_request /check;"

    def __init__(self, root, upstream, certificate):
        super().__init__(root, upstream, certificate)
        self.checker = upstream.checker.process


class HAProxy(Peer):
    name = "HAProxy, no check"

    def command(self):
        pem, key = self.certificate
        both = self.write("both.pem", pathlib.Path(pem).read_text() + pathlib.Path(key).read_text())
        config = self.write("haproxy.cfg", f"""
global
  maxconn {MOST_CONNECTIONS}
  nbthread 1
  log 127.0.0.1:{free_port()} local0
defaults
  mode http
  log global
  option httplog
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  http-reuse always
frontend f
  bind 127.0.0.1:{self.port} ssl crt {both} alpn h2,http/1.1
  default_backend b
backend b
  server s 127.0.0.1:{self.upstream.port}
""")
        return ["haproxy", "-db", "-f", config]


class Caddy(Peer):
    name = "Caddy, no check"
    before = ""

    def command(self):
        pem, key = self.certificate
        config = self.write("Caddyfile", f"""
{{
  admin off
  auto_https off
}}
https://:{self.port} {{
  tls {pem} {key}
  log {{
    output file {self.folder}/access.log
  }}
  {self.before}
  reverse_proxy 127.0.0.1:{self.upstream.port}
}}
""")
        return ["env", f"HOME={self.folder}", "GOMAXPROCS=1", "caddy", "run", "--adapter", "caddyfile", "--config", config]


class CaddyForwardAuth(Caddy):
    name, checks, tunnels = "Caddy + forward_auth", True, False

    def __init__(self, root, upstream, certificate):
        super().__init__(root, upstream, certificate)
        self.checker = upstream.checker.process
        self.before = f"forward_auth 127.0.0.1:{upstream.checker.port} {{\n    uri /check\n  }}"


class Apache(Peer):
    """Form sign-in with the session in an encrypted cookie: what a Debian machine has without any further product."""

    name, checks, http2, slow, tunnels = "Apache mod_auth_form", True, False, True, False

    def command(self):
        pem, key = self.certificate
        subprocess.run(["htpasswd", "-bcs", self.folder / "people", "anna", "secret"], check=True, stderr=subprocess.DEVNULL)
        modules = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_form", "request", "session",
                   "session_cookie", "session_crypto", "proxy", "proxy_http", "ssl", "socache_shmcb", "headers", "mime"]
        load = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in modules)
        config = self.write("httpd.conf", f"""
ServerRoot {self.folder}
ServerName {HOST}
PidFile {self.folder}/pid
DefaultRuntimeDir {self.folder}
Mutex file:{self.folder}
ErrorLog {self.folder}/error.log
User www-data
Group www-data
{load}
Listen 127.0.0.1:{self.port}
MaxKeepAliveRequests 0
KeepAliveTimeout 3600
LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
CustomLog {self.folder}/access.log common
TypesConfig /etc/mime.types
SSLEngine on
SSLCertificateFile {pem}
SSLCertificateKeyFile {key}
ProxyPass /login !
ProxyPass / http://127.0.0.1:{self.upstream.port}/
<Location />
  AuthType form
  AuthName portal
  AuthFormProvider file
  AuthUserFile {self.folder}/people
  Session On
  SessionCookieName session path=/
  SessionCryptoPassphrase something-long-enough
  Require valid-user
</Location>
<Location /login>
  SetHandler form-login-handler
  AuthFormLoginSuccessLocation /1k
</Location>
""")
        return ["apache2", "-DFOREGROUND", "-d", self.folder, "-f", config]

    def cookies(self):
        answer = subprocess.run(["curl", "-sk", "-D", "-", "-o", "/dev/null", f"https://127.0.0.1:{self.port}/login", "-d",
                                 "httpd_username=anna&httpd_password=secret"], check=True, capture_output=True, text=True).stdout
        for line in answer.splitlines():
            if line.lower().startswith("set-cookie: session="):
                return [(line.split(": ", 1)[1].split(";")[0], None)]
        raise SystemExit(f"Apache let nobody in:\n{answer}")
