# %% start from solutions
# %% model_disagreement is model_disagreement_uses_the_sample_deviation
# %% uncertainty_aware_value_iteration is uncertainty_aware_value_iteration_sweeps
