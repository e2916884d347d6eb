"""Known mistakes of unit 4, continued: whole episodes.

Each function stands alone apart from `np`, `torch`, `math` and the earlier functions of the unit.
"""

import numpy as np

from autograder.properties.entries import collection
from solutions.mcts import mcts

mistakes, mistake = collection()

# ------------------------------------------------------------------------------------------------------- mcts_episode


@mistake("mcts_episode", "the action of the largest value is played, not the most visited one")
def mcts_episode_plays_the_largest_value(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(values))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the least visited action is played")
def mcts_episode_plays_the_least_visited(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmin(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the action is drawn in proportion to its visits, as in training AlphaZero")
def mcts_episode_draws_by_visits(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(rng.choice(len(visits), p=np.asarray(visits) / np.sum(visits)))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the total is discounted, although it should be the plain sum")
def mcts_episode_discounts_the_total(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += gamma ** len(actions) * reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the rewards that are added up are the model's, not the environment's")
def mcts_episode_earns_what_the_model_says(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        reward = step(state, action)[1]
        state, _, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the next search starts from the state that the model predicts, not from the observed one")
def mcts_episode_follows_the_model(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, _, over = step(state, action)
        _, reward, terminated, truncated, _ = env.step(action)
        truncated = truncated or over
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "every action is planned in the first state of the episode, whatever has been observed since")
def mcts_episode_always_plans_from_the_start(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        _, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the episode goes on after it was truncated")
def mcts_episode_plays_on_when_truncated(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the episode goes on after it has terminated")
def mcts_episode_plays_on_when_terminated(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the episode goes on past max_steps")
def mcts_episode_ignores_max_steps(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(1000):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "there is one step less than max_steps")
def mcts_episode_makes_one_step_too_few(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps - 1):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "there is one step more than max_steps")
def mcts_episode_makes_one_step_too_many(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps + 1):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the reward of the last step is left out")
def mcts_episode_drops_the_last_reward(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        actions.append(action)
        if terminated or truncated:
            break
        total_reward += reward
    return total_reward, actions


@mistake("mcts_episode", "the last action is missing from the list")
def mcts_episode_drops_the_last_action(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        if terminated or truncated:
            break
        actions.append(action)
    return total_reward, actions


@mistake("mcts_episode", "the environment is reset without a seed")
def mcts_episode_resets_without_a_seed(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset()
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the environment is always reset with the seed 0")
def mcts_episode_resets_with_a_fixed_seed(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=0)
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the searches are not seeded, so that no episode can be repeated")
def mcts_episode_forgets_the_seed(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(np.random.default_rng().integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the environment is reset before every step")
def mcts_episode_resets_before_every_step(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        state, _ = env.reset(seed=seed)
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the search tries its actions in the environment itself")
def mcts_episode_searches_in_the_environment(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(
            lambda s, a: env.step(a)[:3], state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed
        )
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the searches explore with the weight 1.4, whatever c is asked for")
def mcts_episode_ignores_c(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, 1.4, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the searches discount by 0.9, whatever gamma is asked for")
def mcts_episode_ignores_gamma(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, 0.9, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the rollouts have at most 10 steps, whatever max_depth is asked for")
def mcts_episode_ignores_max_depth(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, 10, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "every search makes 50 simulations, whatever is asked for")
def mcts_episode_ignores_num_simulations(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, 50, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "max_steps is handed to the search as the depth of its rollouts")
def mcts_episode_exchanges_max_depth_and_max_steps(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_steps, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the simulations are divided among the steps, so that each search makes only a part of them")
def mcts_episode_shares_the_simulations_among_the_steps(
    env, step, num_simulations, c, gamma, max_depth, max_steps, seed
):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(
            step, state, env.num_actions, max(1, num_simulations // max_steps), c, gamma, max_depth, search_seed
        )
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake("mcts_episode", "the mean reward of a step is returned, not the sum")
def mcts_episode_returns_the_mean_reward(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward / max(1, len(actions)), actions


@mistake("mcts_episode", "the observations are returned in place of the actions")
def mcts_episode_returns_the_observations(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(2**31))
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(state)
        if terminated or truncated:
            break
    return total_reward, actions


@mistake(
    "mcts_episode", "the searches of every episode are seeded with their number, whatever the seed is", nameable=False
)
def mcts_episode_searches_ignore_the_seed(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng(seed)
    state, _ = env.reset(seed=int(rng.integers(2**31)))
    total_reward, actions = 0.0, []
    for search_seed in range(max_steps):
        visits, values = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(np.argmax(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions
