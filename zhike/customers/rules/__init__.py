"""Pure rules of customer master data: no database, no clock of their own."""
