"""Boosted trees as flat arrays: read and checked (flat), walked (walk), explained (shap). Needs no XGBoost."""
