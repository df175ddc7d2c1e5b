"""Cases that must survive everything: real servers, real workers, and a fault every few seconds."""
