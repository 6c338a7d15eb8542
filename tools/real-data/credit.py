def attribution(*a): pass
