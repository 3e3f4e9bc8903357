# SPDX-License-Identifier: Apache-2.0
"""Half a minute of what nightly_chaos.py does for minutes."""
import chaos
import harness


class Short(chaos.Chaos):
    sessions_wanted = 8
    writers_wanted = 16
    followers_wanted = 48
    seconds_of_kills = 14.0
    seconds_between_kills = 2.0
    seconds_of_a_cut = 2.0
    seconds_of_a_stop = 6.0

    def test_one_log_that_all_have_seen(self):
        self.run_all()


if __name__ == "__main__":
    harness.main()
