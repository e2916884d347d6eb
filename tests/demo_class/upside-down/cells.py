# %% start from solutions
# %% bellman_q is bellman_q_transposes_the_model
# %% policy_iteration is policy_iteration_keep_old
# %% uncertainty_aware_value_iteration is uncertainty_aware_value_iteration_flips_the_sign
