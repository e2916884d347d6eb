# %% start from release
# %% bellman_q is the solution
# %% value_iteration is the solution
# %% policy_evaluation is the solution
# %% policy_iteration is the solution
