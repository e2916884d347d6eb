# %% start from solutions
# %% robust_value_iteration is robust_value_iteration_swaps_max_and_min
