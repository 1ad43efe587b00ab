"""Live updates: what a delivery costs, how long it takes, and what an idle socket holds."""
