# SPDX-License-Identifier: Apache-2.0
"""Every page of a store, damaged in every way: see damage.py."""
import random

import damage
import harness
from test_damage import HOWS


class Chooses:
    """In place of chance: the page that is asked for."""

    def __init__(self, page):
        self.page = page

    def choice(self, _pages):
        return self.page


class EveryPage(damage.DamageTest):
    def test_every_page(self):
        witness = damage.Witness(self.store)
        seed = random.SystemRandom().randrange(1 << 32)
        choices = [(page, how) for page in range(1, witness.pages + 1) for how in HOWS]
        seen = damage.sweep(self, witness, choices, seed)
        self.assertGreater(seen["errors"], 0)
        self.assertGreater(seen["refused"], 0)

    def test_every_table_in_place_of_every_other(self):
        """A first page that is sound, but another table's: nothing about it is broken but where it stands."""
        witness = damage.Witness(self.store)
        for page in sorted(witness.roots):
            for other in sorted(witness.roots - {page}):
                with self.subTest(page=witness.owner[page], other=witness.owner[other]):
                    witness.damage(page, "another page", Chooses(other))
                    check = self.store.run("check")
                    errors = damage.assert_nothing_wrong_is_served(self, witness, page)
                    self.assertFalse(check.returncode == 0 and errors, "check found nothing of it")


if __name__ == "__main__":
    harness.main()
