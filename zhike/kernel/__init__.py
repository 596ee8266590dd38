"""What everything stands on: base models, keys, money, time, the working calendar, errors."""
