"""A mail server for the journey: aiosmtpd with STARTTLS and a password, which writes every mail as one line of JSON.

    mail.py PORT CERTIFICATE KEY PASSWORD OUT
"""

import asyncio
import json
import signal
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult


class Keep:
    def __init__(self, out):
        self.out = out

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        line = {
            "to": envelope.rcpt_tos,
            "encrypted": session.ssl is not None,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "text": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
        }
        with open(self.out, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return "250 OK"


async def serve(port, certificate, key, password, out):
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (b"gate", password.encode())
        return AuthResult(success=right)

    def make():
        return SMTP(
            Keep(out), hostname="localhost", require_starttls=True, tls_context=tls, auth_required=True, authenticator=authenticate
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", port)
    print("ready", flush=True)
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:6]))
