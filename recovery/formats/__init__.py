"""How each language writes dates, where that is not as Django has it."""
