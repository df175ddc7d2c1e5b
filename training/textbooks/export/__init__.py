"""Step 7, export: csv, LLaVA's conversations and a Hugging Face data set, split so that nothing leaks."""
