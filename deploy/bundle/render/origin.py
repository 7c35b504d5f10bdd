"""What every generated file says about itself."""

LINE = "Generated from deploy/stack.toml by `make render`; do not edit."
