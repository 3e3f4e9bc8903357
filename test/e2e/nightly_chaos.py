# SPDX-License-Identifier: Apache-2.0
"""Three minutes of kills under 32 writers and 200 followers, and what else happens to a cluster."""
import chaos
import harness


class Long(chaos.Chaos):
    def test_one_log_that_all_have_seen(self):
        self.run_all()


if __name__ == "__main__":
    harness.main()
