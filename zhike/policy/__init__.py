"""Policy documents whose clauses are executed: clause kinds, versions in force, decisions, runs, simulation."""
