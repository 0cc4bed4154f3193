"""The seed of a test that makes its cases at random."""

import os
import random


def choose_seed():
    """$SEED; or under CI (CI=true) one that stays, so that a change alone makes a test fail there."""
    return int(os.environ.get('SEED') or
               (20241009 if os.environ.get('CI') else random.SystemRandom().getrandbits(32)))
