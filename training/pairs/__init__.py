"""Visual instruction pairs from photographs and clinical information, after MpoxVLM's builder.

Five kinds a photograph: diagnosis, differential, evidence, description, next step. Stated of the patient is
only what the manifest's row gives; textbook knowledge is called so. Simulated information is used only where
it is asked for, and marked. Every pair says which row and which template it comes from.
"""
