# SPDX-License-Identifier: Apache-2.0
"""Every page of a store, damaged in every way: see damage.py."""
import random

import damage
import harness
from test_damage import HOWS


class EveryPage(damage.DamageTest):
    def test_every_page(self):
        witness = damage.Witness(self.store)
        seed = random.SystemRandom().randrange(1 << 32)
        choices = [(page, how) for page in range(1, witness.pages + 1) for how in HOWS]
        seen = damage.sweep(self, witness, choices, seed)
        self.assertGreater(seen["errors"], 0)
        self.assertGreater(seen["refused"], 0)


if __name__ == "__main__":
    harness.main()
