# %% start from untouched

# %% mcts
def mcts(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    return None
# %% mcts_episode
def mcts_episode(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    def deeper(state, action):
        return mcts(deeper, 0, 2, 10**9, 1.0, 0.9, 10**9, 0), 0.0, False
    return mcts(deeper, 0, 2, 10**9, 1.0, 0.9, 10**9, 0)
