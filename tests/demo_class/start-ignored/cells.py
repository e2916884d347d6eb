# %% start from solutions
# %% policy_gradient is policy_gradient_ignores_start
