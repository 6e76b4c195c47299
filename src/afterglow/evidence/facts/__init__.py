"""Facts: pharmacology, therapy, scales and safety, every row typed or told with the reason why it is not."""
