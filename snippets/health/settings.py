MIDDLEWARE.insert(0, "config.health.health")
