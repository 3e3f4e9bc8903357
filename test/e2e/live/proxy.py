# SPDX-License-Identifier: Apache-2.0
"""Proxies of the tests' own, with the settings that docs/streaming.md tells people to make; nginx also with none."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile

import harness
from examples import example

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
NGINX, HAPROXY = shutil.which("nginx", path=PATH), shutil.which("haproxy", path=PATH)

MAIN = """
daemon off;
pid nginx.pid;
error_log {directory}/error.log info;
events {{ worker_connections 1024; }}
http {{
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  access_log {directory}/access.log;
  {site}
}}
"""

PLAIN = """
server {
    listen 80;
    location / { proxy_pass http://127.0.0.1:8080; }
}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def replaced(text, *changes):
    """The text with each change made; what is changed must stand there once."""
    for here, there in changes:
        if text.count(here) != 1:
            raise AssertionError(f"{here!r} is not once in {text}")
        text = text.replace(here, there)
    return text


class Proxy:
    """A process group of its own, which can be killed and started again on the same port."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="sandbase-proxy-")
        os.chmod(self.directory, 0o755)
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def write(self, name, content):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(content)
        return path

    def start(self):
        command = self.command()
        if not command[0]:
            raise AssertionError(f"{type(self).__name__.lower()} is not installed")
        with open(os.path.join(self.directory, "output.log"), "ab") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            start_new_session=True)
        harness.poll(self._accepts, what=command[0])
        return self

    def _accepts(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.process.args[0]} ended: {self.logs()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def kill(self):
        """kill -9, the workers too."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def log(self, name):
        with open(os.path.join(self.directory, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def logs(self):
        """Everything that it logged anywhere."""
        return "".join(self.log(name) for name in sorted(os.listdir(self.directory)) if name.endswith(".log"))

    def close(self):
        if self.process:
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


class Nginx(Proxy):
    def __init__(self, upstream, documented=True, stream_errors="crit"):
        super().__init__()
        site = replaced(example("nginx.conf") if documented else PLAIN,
                        ("listen 80;",
                         f"listen 127.0.0.1:{self.port};\n    location = /page {{ default_type text/html; return 200 "
                         f"page; }}"),
                        ("127.0.0.1:8080;", f"127.0.0.1:{upstream};"))
        if documented:
            site = replaced(site, ("-streams.log crit;", f"-streams.log {stream_errors};"))
        site = site.replace("/var/log/nginx", self.directory)
        self.config = self.write("nginx.conf", MAIN.format(directory=self.directory, site=site))

    def command(self):
        return [NGINX, "-p", self.directory, "-c", self.config]


class Haproxy(Proxy):
    def __init__(self, upstream):
        super().__init__()
        site = replaced(example("haproxy.cfg"), ("bind 127.0.0.1:80\n", f"bind 127.0.0.1:{self.port}\n"),
                        ("127.0.0.1:8080", f"127.0.0.1:{upstream}"))
        self.config = self.write("haproxy.cfg", "global\n    log stdout format raw local0\n\n" + site)

    def command(self):
        return [HAPROXY, "-db", "-f", self.config]
