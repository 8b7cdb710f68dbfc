from config.watch_loop import WatchLoop

application = WatchLoop(application)
