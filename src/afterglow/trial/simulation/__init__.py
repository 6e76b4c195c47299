"""Simulated trials: people drawn from the bank, rated with fresh noise, followed through events, and analysed."""
