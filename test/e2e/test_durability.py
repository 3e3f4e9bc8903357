# SPDX-License-Identifier: Apache-2.0
"""20 rounds of kill -9 under load; nightly_kill.py does 100."""
import harness
from kill_rounds import KillRounds


class Durability(KillRounds):
    def test_kill_9(self):
        self.kill_rounds(20)


if __name__ == "__main__":
    harness.main()
