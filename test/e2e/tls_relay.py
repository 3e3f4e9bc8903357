# SPDX-License-Identifier: Apache-2.0
"""A relay that speaks TLS to clients and plain HTTP to a server, with a certificate that nobody knows."""
import contextlib
import os
import socket
import ssl
import subprocess
import threading


def make_certificate(folder, name="localhost"):
    """The paths of a certificate for this name, signed by itself, and of its key."""
    paths = [os.path.join(folder, part) for part in (name + ".pem", name + ".key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name,
                    "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True, timeout=20)
    return paths


class TlsRelay:
    """One thread a direction, until either end is done."""

    def __init__(self, server, certificate, key):
        self.target = (server.host, server.port)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                taken, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(taken,), daemon=True).start()

    def _serve(self, taken):
        with contextlib.suppress(OSError), socket.create_connection(self.target) as there:
            with self.context.wrap_socket(taken, server_side=True) as here:
                answers = threading.Thread(target=pump, args=(there, here), daemon=True)
                answers.start()
                pump(here, there)
                answers.join(20)

    def close(self):
        self.listener.close()


def pump(source, target):
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
