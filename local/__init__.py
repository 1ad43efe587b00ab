"""Neo4j, Redis, the explorers and a supervisor for people without Docker; imported by no one."""
