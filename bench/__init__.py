"""How fast Nexus is, beside others in the same run. Nothing here is part of what is served."""
