"""What a calibration is worth: left-out studies, weights of the rivals, parameters, and what would change our mind."""
