# %% start from solutions
# %% policy_iteration is policy_iteration_cycles_on_ties_never_ends
