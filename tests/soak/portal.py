"""A portal with every bad habit that an upstream can have, each at a path of its own; a process of its own, so that it slows nobody."""

import asyncio
import json
import multiprocessing
import socket
import struct


def start():
    """Binds a free port of this machine and serves it in a child process: (port, process)."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    child = multiprocessing.Process(target=lambda: asyncio.run(serve(listener)), daemon=True)
    child.start()
    port = listener.getsockname()[1]
    listener.close()
    return port, child


async def serve(listener):
    server = await asyncio.start_server(Connection.run, sock=listener, limit=1 << 20)
    async with server:
        await server.serve_forever()


def answer(body, extra=""):
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


class Connection:
    """One connection, request after request, until a habit ends it."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def run(cls, reader, writer):
        try:
            while await cls(reader, writer).one():
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            writer.close()

    async def one(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        target = first.split(" ")[1]
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        habit = getattr(self, "do_" + target.lstrip("/").partition("/")[0].partition("?")[0].replace("-", "_"), None)
        if habit:
            return await habit(fields)
        if int(fields.get("content-length", 0)):
            await self.reader.readexactly(int(fields["content-length"]))
        # Who asked for what: whoever gets somebody else's answer sees it.
        self.writer.write(answer(json.dumps({"path": target, "user": fields.get("x-forwarded-user", "")}).encode()))
        await self.writer.drain()
        return True

    async def do_hang(self, _):
        await asyncio.sleep(3600)

    async def do_reset(self, _):
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        return False

    async def do_half(self, _):
        self.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nonly this")
        await self.writer.drain()
        return False

    async def do_garbage(self, _):
        self.writer.write(bytes(range(256)) * 64)
        await self.writer.drain()
        return False

    async def do_two_lengths(self, _):
        self.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde")
        await self.writer.drain()
        return True

    async def do_early(self, _):
        """An answer, and another one that nobody has asked for: whoever reuses this connection would get it."""
        self.writer.write(answer(b"first") + answer(b'{"path": "/poison", "user": "nobody"}'))
        await self.writer.drain()
        return True

    async def do_upload(self, _):
        """Answers before the body is there, never reads it, and hangs up."""
        self.writer.write(answer(b"I do not want it", "Connection: close\r\n"))
        await self.writer.drain()
        await asyncio.sleep(0.3)
        return False

    async def do_informs(self, _):
        while True:
            self.writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" * 50)
            await self.writer.drain()

    async def do_heads(self, _):
        self.writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            self.writer.write(b"X-Number-%d: %s\r\n" % (number, b"x" * 500))
            await self.writer.drain()
        return False

    async def do_drip(self, _):
        self.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            self.writer.write(b"1\r\n.\r\n")
            await self.writer.drain()
            await asyncio.sleep(0.2)

    async def do_large(self, _):
        """Thirty-two MiB, as fast as they are taken."""
        self.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n")
        for _ in range(512):
            self.writer.write(b"z" * 65536)
            await self.writer.drain()
        return True

    async def do_eat(self, fields):
        """Reads a body to its end, however long."""
        left = int(fields.get("content-length", 0))
        while left > 0:
            part = await self.reader.read(min(left, 65536))
            if not part:
                return False
            left -= len(part)
        self.writer.write(answer(b"eaten"))
        await self.writer.drain()
        return True
