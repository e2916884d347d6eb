# %% start from solutions
# %% batched_value_iteration is batched_value_iteration_stops_early_with_item
