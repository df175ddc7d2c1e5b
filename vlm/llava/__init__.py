"""LLaVA, LLaVA-Med and SkinVL as their original code leaves them on disk: read strictly, put into transformers' classes."""
