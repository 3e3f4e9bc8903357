# SPDX-License-Identifier: Apache-2.0
"""kill -9 during a stream of appends from 16 connections, again and again on one store: every acknowledged event is
there once, in its place, whatever moment the knife came."""
import random
import time

from accounts import AccountedTest

# bytes of an event's text: small ones make many commits, large ones checkpoints and segments
PADDINGS = (0, 0, 500, 5000)
MOST_APPENDS = 300  # acknowledged in one round, at most, before the knife
STARTS_CUT_OFF = 0.2  # of the rounds: there the next start is killed too
LONGEST_START = 0.3  # seconds, until that


class KillRounds(AccountedTest):
    def kill_rounds(self, rounds):
        seed = random.SystemRandom().randrange(1 << 32)
        print(f"seed {seed}", flush=True)
        self.chance = random.Random(seed)
        start, starts_cut_off, stored = time.monotonic(), 0, 0
        server = self.store.serve()
        self.make_sessions(server)
        for number in range(rounds):
            self.load_and_kill(server, number)
            check_first = self.chance.random() < 0.5  # who opens the store first is who reads its log back
            if check_first:
                self.assert_sound()
            if self.chance.random() < STARTS_CUT_OFF:
                self.cut_off_a_start()
                starts_cut_off += 1
            server = self.store.serve()
            stored = self.assert_all_kept(server)
            if not check_first:
                self.assert_sound()
        self.assertEqual(server.stop(), 0)
        self.assert_sound()
        print(f"{rounds} rounds in {time.monotonic() - start:.0f} s: {len(self.acknowledged)} appends acknowledged, "
              f"{len(self.unknown)} "
              f"cut off, {starts_cut_off} starts cut off, {stored} events kept")

    def load_and_kill(self, server, number):
        work = self.load(server, f"r{number}", padding=self.chance.choice(PADDINGS))
        work.wait_for(self.chance.randrange(1, MOST_APPENDS))
        time.sleep(self.chance.random() * 0.02)  # away from the moment of an answer
        server.kill()
        self.account(work)
        self.assertEqual(work.refused, [])

    def cut_off_a_start(self):
        server = self.store.serve(wait=False)
        time.sleep(self.chance.random() * LONGEST_START)
        server.kill()
