"""Faults: real processes are killed, frozen and doubled under load, and nothing is lost."""
