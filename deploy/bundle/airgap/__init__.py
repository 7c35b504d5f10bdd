"""The stack as one archive for a machine without network: images, rendered targets, checksums, bills of materials."""
