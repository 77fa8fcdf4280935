"""The predictors' names in every table, figure and file, the simplest first."""

DUMMY, RULE, LOGISTIC, XGBOOST = "dummy", "rule", "logistic regression", "XGBoost"
# The true probability, which only the simulated shop knows: no predictor can be better.
CEILING = "ceiling"
