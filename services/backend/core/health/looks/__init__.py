"""The rules of the health report, one module for each group of things that break."""
