"""A linear probe: logistic regression on what a model makes of photographs, SkinVL's "SFT classification"."""
