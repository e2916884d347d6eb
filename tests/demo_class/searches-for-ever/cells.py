# %% start from solutions
# %% mcts
def mcts(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    while True:
        step(root_state, 0)
# %% mcts_episode
def mcts_episode(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    state, _ = env.reset(seed=seed)
    total_reward, actions, over = 0.0, [], False
    while not over and len(actions) < max_steps:
        visits, _ = mcts(step, state, env.action_space.n, num_simulations, c, gamma, max_depth, seed + len(actions))
        actions.append(int(np.argmax(visits)))
        state, reward, terminated, truncated, _ = env.step(actions[-1])
        total_reward, over = total_reward + reward, terminated or truncated
    return total_reward, actions
