# What `flask run` serves.
FLASK_APP=app
