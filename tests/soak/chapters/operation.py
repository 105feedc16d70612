"""What operators do under load: reloads, some of them with a mistake, and a new certificate."""

import signal
import ssl
import time

from chapters import chapter
from load import crowd, tls


@chapter("reload in a loop")
def reload(town, seconds):
    gate, end, count = town.gate, time.monotonic() + seconds, 0
    while time.monotonic() < end:
        count += 1
        # Every third one is a mistake: the old configuration holds.
        bad = "[limits]\nconections = 1\n" if count % 3 == 0 else ""
        gate.configure(gate.text.replace("[log]", f"{bad}[brand]\nname = \"Number {count}\"\n[log]"))
        gate.signal(signal.SIGHUP)
        time.sleep(0.15)
    gate.configure(gate.text)
    gate.signal(signal.SIGHUP)
    yield f"{count} reloads, every third of them with a mistake in the file"


def shaking(number, end, port):
    """Shakes hands without a pause; each must succeed."""
    counted = {"handshakes": 0, "failed": 0}
    while time.monotonic() < end:
        try:
            tls(port, f"127.0.13.{number + 1}").close()
            counted["handshakes"] += 1
        except (OSError, ssl.SSLError):
            counted["failed"] += 1
    return counted


@chapter("certificate renewed", share=1.2)
def renewed(town, seconds):
    gate = town.gate
    pairs, renewals = [gate.certificate_of(f"made{number}") for number in range(2)], 0

    def renew():
        nonlocal renewals
        pair = pairs[renewals % 2]
        # As renewing programs do: two files, one after the other, so that for a moment they do not belong together.
        for name in ("portal.key", "portal.pem"):
            fresh = gate.data / "certs" / (name + ".new")
            fresh.write_bytes(pair[name])
            fresh.chmod(0o600)
            fresh.replace(gate.data / "certs" / name)
        renewals += 1
        return ssl.PEM_cert_to_DER_cert(pair["portal.pem"].decode().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")

    def shown():
        with tls(gate.port, "127.0.13.200") as stream:
            return stream.getpeercert(True)

    town.beside(crowd, shaking, 2, seconds, gate.port)
    end, slowest = time.monotonic() + seconds, 0.0
    while time.monotonic() < end - 1 or not renewals:
        expected, begun = renew(), time.monotonic()
        gate.signal(signal.SIGHUP)
        while shown() != expected:
            if time.monotonic() > begun + 60:
                town.wrong("the new certificate was never shown")
                break
            time.sleep(0.05)
        slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.2)
    counted = town.beside_done()
    if counted["failed"] or not counted["handshakes"]:
        town.wrong(f"certificate renewed: {counted}")
    yield f"{counted}, {renewals} renewals, each shown after at most {slowest:.1f} s"
