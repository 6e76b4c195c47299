"""Files that hold a protocol: read, checked and written."""
