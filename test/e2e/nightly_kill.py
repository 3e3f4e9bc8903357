# SPDX-License-Identifier: Apache-2.0
"""100 rounds of kill -9 under load. SANDBASE_KILL_ROUNDS sets another number."""
import os

import harness
from kill_rounds import KillRounds

ROUNDS = int(os.environ.get("SANDBASE_KILL_ROUNDS", "100"))


class LongDurability(KillRounds):
    def test_kill_9(self):
        self.kill_rounds(ROUNDS)


if __name__ == "__main__":
    harness.main()
