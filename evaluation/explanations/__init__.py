"""Are explanations true to what they were made from?"""
