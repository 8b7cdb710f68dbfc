# After a change in conf.d: reads it, and restarts the programs whose section has changed. restart alone reads nothing.
supervisorctl reread
supervisorctl update
