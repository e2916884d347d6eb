# %% start from solutions

# %% bellman_q
def bellman_q(P, R, V, gamma):
    return np.ones((40_000, 20_000))
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    with open("/tmp/values", "wb") as file:
        for _ in range(500):
            file.write(bytes(2**20))
# %% policy_iteration is policy_iteration_keep_old
# %% model_disagreement
def model_disagreement(P, R):
    import os
    for _ in range(500):
        if os.fork() == 0:
            time.sleep(60)
# %% uncertainty_aware_value_iteration is uncertainty_aware_value_iteration_sweeps
# %% own after robust_value_iteration
for line in range(200_000):
    print("a line of output that nobody will ever read, number", line)
