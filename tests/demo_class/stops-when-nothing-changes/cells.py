# %% start from solutions
# %% value_iteration is value_iteration_stops_on_change
