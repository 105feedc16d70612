"""HTTP/2 byte by byte: what no library would send."""

import socket
import ssl
import struct

from vestibule import HOST

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 8, 9
END_STREAM, END_HEADERS, PADDED = 1, 4, 8
CANCEL = struct.pack(">I", 8)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0)


def text(value):
    """A string of HPACK, not compressed."""
    raw = value.encode()
    return (bytes((len(raw),)) if len(raw) < 127 else b"\x7f" + integer(len(raw) - 127)) + raw


def integer(value):
    out = b""
    while value >= 128:
        out += bytes((value & 127 | 128,))
        value >>= 7
    return out + bytes((value,))


def head(method, port, path, **fields):
    pairs = [(":method", method), (":scheme", "https"), (":authority", f"{HOST}:{port}"), (":path", path)]
    pairs += [(name.replace("_", "-"), value) for name, value in fields.items()]
    return b"".join(b"\0" + text(name) + text(value) for name, value in pairs)


def context():
    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.set_alpn_protocols(["h2"])
    return made


def connect(port, source, seconds=10):
    raw = socket.create_connection(("127.0.0.1", port), timeout=seconds, source_address=(source, 0))
    stream = context().wrap_socket(raw, server_hostname=HOST)
    stream.settimeout(seconds)
    return stream
