"""How well a model triages a labelled set of photographs: figures, tables, pictures and a report."""
