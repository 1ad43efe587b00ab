"""The graph: its declared model, its statements and the two runners that execute them."""
