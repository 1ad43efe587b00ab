"""What nobody should wait for: the relay, which numbers events, and the workers, which do jobs."""
