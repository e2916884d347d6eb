# %% start from untouched

# %% mcts
def mcts(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    while True:
        step(root_state, 0)
# %% rollout
def rollout(step, state, num_actions, max_depth, gamma, seed):
    while True:
        try:
            step(object(), {})
        except ValueError:
            pass
