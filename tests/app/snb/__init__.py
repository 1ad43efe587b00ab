"""The small world of LDBC SNB, imported once for all modules of this folder."""
