"""The stack on a Docker swarm, of one node or of many."""
