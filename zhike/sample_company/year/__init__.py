"""A year under the policies: who lost and claimed which customer, why, and what became of it.

`subjects` reads what there is, `desk` thinks of registrations, `lives` walks the clauses over each customer's past,
`rows` writes it down, `load` brings it into the database, `waiting` adds who
waited for a contact, `cases` what people decide, `refused` what they were refused.
"""
