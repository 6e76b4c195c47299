"""Afterglow: a simulator of psychedelic-assisted therapy, from dose to lasting change."""
