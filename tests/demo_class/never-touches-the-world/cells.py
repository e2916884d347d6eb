# %% start from solutions
# %% dyna_q
def dyna_q(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    return np.zeros((env.num_states, env.num_actions)), np.ones(num_episodes, dtype=int)
# %% dyna_q_plus
def dyna_q_plus(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    return np.zeros((env.num_states, env.num_actions)), np.zeros(num_steps)
# %% prioritized_sweeping
def prioritized_sweeping(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    return np.zeros((env.num_states, env.num_actions)), 0
# %% mcts_episode
def mcts_episode(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    return 0.0, [0] * max_steps
# %% mpc_episode
def mpc_episode(env, plan, horizon, max_steps, seed):
    return 0.0, [np.zeros(4)] * (max_steps + 1), [np.zeros(2)] * max_steps
# %% random_shooting
def random_shooting(step, state, horizon, num_samples, low, high, gamma, seed):
    return np.tile((low + high) / 2, (horizon, 1))
# %% cem_plan
def cem_plan(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    return np.tile((low + high) / 2, (horizon, 1))
