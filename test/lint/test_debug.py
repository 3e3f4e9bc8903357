# SPDX-License-Identifier: Apache-2.0
"""./dev debug finds the test that is meant, and what has to be built for it."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import debug  # noqa: E402

NAMES = ["unit.actors.session", "unit.actors.session_directory", "unit.events.event_id", "e2e.cli", "e2e.live.ends"]


class Debug(unittest.TestCase):
    def test_a_test_is_meant_by_its_name_or_by_a_part_of_it(self):
        self.assertEqual(debug.chosen(NAMES, "unit.actors.session"), "unit.actors.session")
        self.assertEqual(debug.chosen(NAMES, "event_id"), "unit.events.event_id")
        self.assertEqual(debug.chosen(NAMES, "live.ends"), "e2e.live.ends")

    def test_what_is_not_clear_is_told(self):
        with self.assertRaisesRegex(SystemExit, "(?s)more than one.*session\n.*session_directory"):
            debug.chosen(NAMES, "actors")
        with self.assertRaisesRegex(SystemExit, "no test is called nothing"):
            debug.chosen(NAMES, "nothing")

    def test_what_is_built_for_a_test(self):
        self.assertEqual(debug.targets("unit.http.fan_out"), ["unit_http"])
        self.assertEqual(debug.targets("simulation.seeds"), ["simulate"])
        self.assertIn("sandbase-events", debug.targets("e2e.live.ends"))
        self.assertIn("sandbase-events-later-2", debug.targets("e2e.rolling_upgrade.unlinked"))
        self.assertEqual(debug.targets("unit.lint"), [])

    def test_nothing_ends_a_session_by_time(self):
        self.assertEqual(debug.without_time_limit(["unit_http", "-s", "^a$", "-r", "120"]),
                         ["unit_http", "-s", "^a$", "-r", "0"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
