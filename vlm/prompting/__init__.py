"""What a model is asked, in versioned words. Free of torch."""
