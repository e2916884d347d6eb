# %% start from solutions
# %% bellman_q is bellman_q_in_single_precision
# %% policy_iteration is policy_iteration_keep_old
# %% batched_value_iteration is batched_value_iteration_in_single_precision
