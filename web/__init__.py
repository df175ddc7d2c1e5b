"""What every HTTP room shares: problem details, authentication, page layout."""
