# The old code serves until the migrations are done, and stays if they fail.
docker compose build &&
    docker compose run --rm migrate &&
    docker compose up --detach --wait
