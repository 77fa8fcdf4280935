"""The predictors: dummy, rule, logistic regression and XGBoost, how they are calibrated, kept and promoted."""
