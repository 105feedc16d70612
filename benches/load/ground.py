"""What every measurement stands on: the programs it needs, a release build, a certificate, as many open files as there may be."""

import os
import pathlib
import platform
import resource
import shutil
import subprocess
import sys

from vestibule import HOST

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = {"nginx": "nginx-light", "haproxy": "haproxy", "caddy": "caddy", "apache2": "apache2", "wrk": "wrk", "h2load": "nghttp2-client",
            "curl": "curl", "openssl": "openssl", "htpasswd": "apache2-utils", "taskset": "util-linux"}


def install():
    missing = sorted({package for program, package in PACKAGES.items() if not shutil.which(program)})
    if missing:
        command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
        if os.geteuid() != 0:
            sys.exit("Something is missing. Run this as root, then start again:\n  " + " ".join(command))
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(command, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL)


def raise_limit():
    """As many open files as this machine allows; says how many connections a proxy may have, at two files each."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return (min(most, 65_536) - 500) // 2


def certificate(root):
    pem, key = root / "portal.pem", root / "portal.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", key, "-out", pem],
                   check=True, stderr=subprocess.DEVNULL)
    key.chmod(0o600)
    return pem, key


def release():
    """Builds it, and says where it is."""
    return build("vestibule", "--bin", "vestibule")


def bare():
    """The same for what the libraries do without us."""
    return build("examples/bare", "--example", "bare")


def build(where, *what):
    subprocess.run(["cargo", "build", "--release", *what], check=True, cwd=PROJECT)
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")) / "release" / where


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores, {model}, Linux {platform.release()}"
