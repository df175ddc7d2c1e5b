"""LLaVA, LLaVA-Med and SkinVL as their original code leaves them on disk, in transformers' classes."""
