"""What happened: actions, their events, the timeline, the audit."""
