"""Pure renderers: Stack -> files. They read no clock, host, environment or git; the same stack gives the same bytes.

A renderer is a function `render(stack) -> Mapping[file name, content]`; `targets` lists them all, and needs PyYAML. One
that writes no YAML may be imported alone, on a machine that has only Python.
"""
