# SPDX-License-Identifier: Apache-2.0
"""Proxies before several nodes, with the settings that docs/cluster.md tells people to make."""
import re

from examples import example
from proxy import HAPROXY, MAIN, NGINX, Proxy, replaced

DOCUMENTED = ("10.0.0.11", "10.0.0.12", "10.0.0.13")


class BalancingHaproxy(Proxy):
    """`balance` instead of the documented one, if it is not None."""

    def __init__(self, nodes, balance=None):
        super().__init__()
        site = replaced(example("haproxy-cluster.cfg"), ("bind 127.0.0.1:80\n", f"bind 127.0.0.1:{self.port}\n"))
        for address, node in zip(DOCUMENTED, nodes, strict=True):
            site = replaced(site, (f"{address}:8080 port 8081\n",
                                   f"{node.host}:{node.port} port {node.admin_port}\n"))
        if balance:
            site = replaced(site, ("balance uri depth 3 ", f"balance {balance} "))
        self.config = self.write("haproxy.cfg", "global\n    log stdout format raw local0\n\n" + site)

    def command(self):
        return [HAPROXY, "-db", "-f", self.config]

    def is_up(self, number):
        """Whether it has found the node of this number to be up since it found it to be down, if ever it did."""
        name = ("one", "two", "three")[number]
        told = re.findall(rf"Server nodes/{name} is (UP|DOWN)", self.logs())
        return not told or told[-1] == "UP"


class BalancingNginx(Proxy):
    def __init__(self, nodes):
        super().__init__()
        site = replaced(example("nginx-cluster.conf"), ("listen 80;", f"listen 127.0.0.1:{self.port};"))
        for address, node in zip(DOCUMENTED, nodes, strict=True):
            site = replaced(site, (f"{address}:8080 ", f"{node.host}:{node.port} "))
        site = site.replace("/var/log/nginx", self.directory)
        self.config = self.write("nginx.conf", MAIN.format(directory=self.directory, site=site))

    def command(self):
        return [NGINX, "-p", self.directory, "-c", self.config]

    def is_up(self, number):  # noqa: ARG002
        """It does not tell: it asks nobody."""
        return True
