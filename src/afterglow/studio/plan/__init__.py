"""Plan: dates of meetings around dosing days, with reasons and a calendar file."""
