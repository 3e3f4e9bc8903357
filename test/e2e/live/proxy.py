"""An nginx of the tests' own, with the settings that docs/streaming.md tells people to make, or with none."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile

import harness
from examples import example

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")

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


class Nginx:
    """A process group of its own, which can be killed and started again on the same port."""

    def __init__(self, upstream, documented=True):
        self.directory = tempfile.mkdtemp(prefix="sandbase-nginx-")
        os.chmod(self.directory, 0o755)
        self.port = free_port()
        site = example("nginx.conf") if documented else PLAIN
        for here, there in [("listen 80;", f"listen 127.0.0.1:{self.port};\n    location = /page {{ default_type text/html; return 200 page; }}"),
                            ("127.0.0.1:8080;", f"127.0.0.1:{upstream};")]:
            if site.count(here) != 1:
                raise AssertionError(f"{here!r} is not once in {site}")
            site = site.replace(here, there)
        site = site.replace("/var/log/nginx", self.directory)
        self.config = os.path.join(self.directory, "nginx.conf")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(MAIN.format(directory=self.directory, site=site))
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        if not NGINX:
            raise AssertionError("nginx is not installed")
        self.process = subprocess.Popen([NGINX, "-p", self.directory, "-c", self.config], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        harness.poll(self._accepts, what="nginx")
        return self

    def _accepts(self):
        if self.process.poll() is not None:
            raise AssertionError(f"nginx ended: {self.process.stderr.read().decode()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def kill(self):
        """kill -9, the workers too."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()
        self.process = None

    def logs(self):
        """Everything that it logged anywhere."""
        text = ""
        for name in sorted(os.listdir(self.directory)):
            if name.endswith(".log"):
                with open(os.path.join(self.directory, name), encoding="utf-8", errors="replace") as file:
                    text += file.read()
        return text

    def close(self):
        if self.process:
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
