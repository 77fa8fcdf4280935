"""What the predictors are worth: metrics with intervals over users, money, slices, checks and figures."""
