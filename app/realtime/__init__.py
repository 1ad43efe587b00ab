"""Live updates: the bus that carries bells, the streams behind it, the sockets in front of it."""
