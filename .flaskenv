# What `flask run` serves, and where.
FLASK_APP=app
FLASK_RUN_PORT=${PORT:-8000}
