"""Models that a remote OpenAI-compatible server runs, such as vLLM. Free of torch."""
