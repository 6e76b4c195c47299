"""Evidence: studies, facts and calibration as pages."""
