"""The deployment bundle: one source (deploy/stack.toml), rendered into every way of running the stack.

Layers, each importing only what stands to its right:
verbs -> choice -> swarm -> containers | host -> render | sync -> load -> rules -> model.
Everything but `render` runs on a bare Python 3.11 or newer, so that a fresh clone can be started without a
virtual environment.
"""
