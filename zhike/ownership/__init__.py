"""Who a customer belongs to, since when and why: ledger, registrations, pools, protection, attribution, clashes."""
