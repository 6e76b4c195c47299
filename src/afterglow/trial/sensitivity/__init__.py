"""What the power of a trial hangs on: its size, the explanations, who drops out, and what comes between."""
