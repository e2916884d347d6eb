# %% start from solutions
# %% value_iteration is value_iteration_hard_codes_gamma
# %% uncertainty_aware_value_iteration is uncertainty_aware_value_iteration_sweeps
# %% batched_value_iteration is batched_value_iteration_hard_codes_gamma
