# %% start from solutions
# %% value_iteration is value_iteration_returns_a_stale_policy
# %% uncertainty_aware_value_iteration is uncertainty_aware_value_iteration_sweeps
# %% robust_value_iteration is robust_value_iteration_returns_a_stale_policy
