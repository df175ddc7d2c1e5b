"""Step 3, modality: clinical, dermoscopic or pathological, from colours, texture and the caption's words."""
