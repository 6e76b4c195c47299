"""NONMEM event tables: columns, reading and writing."""
