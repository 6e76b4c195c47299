"""One participant's equations: impulses, a plain solver with sensitivities, and SBML."""
