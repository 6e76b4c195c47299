"""Work that takes time: a gate for quick runs, and a queue of long ones in processes of their own."""
