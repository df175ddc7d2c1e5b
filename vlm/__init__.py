"""The vision-language models: architectures, loading, prompts, batched inference."""
