"""Makes a release: a Debian package, the list of what is in it, checksums and their signature."""
