"""Conversations about photographs: read, put in words, made into tokens and targets."""
