"""Hidden properties of episodes that are planned anew at every step."""

from __future__ import annotations

from hypothesis import strategies as st

from autograder.properties.mpc.common import NOTEBOOK, seeds
from autograder.properties.shared import hidden
from labkit.properties import Exercise
from labkit.receding import ENDINGS, WatchedEpisode
from labkit.results import Violation

mpc_episode = Exercise("mpc_episode", NOTEBOOK)

any_world = st.fixed_dictionaries(
    {
        "observation_size": st.sampled_from([3, 1, 5, 0]),
        "action_size": st.sampled_from([2, 0, 4, 1]),
        "ending": st.sampled_from(ENDINGS),
        "length": st.integers(1, 9),
    }
)


@mpc_episode.property(
    "Every part is right together: planning, warm start, results, for vectors and whole numbers and every ending.",
    cases=st.fixed_dictionaries(
        {"world": any_world, "horizon": st.integers(1, 6), "max_steps": st.integers(1, 12), "seed": seeds}
    ),
    **hidden(weight=2, trials=30),
)
def whole_episodes(f, world, horizon, max_steps, seed):
    episode = WatchedEpisode(f, world, horizon, max_steps, seed)
    episode.expect_planning()
    episode.expect_warm_start()
    episode.expect_results()


@mpc_episode.property(
    "The environment is reset with a seed that comes from `seed`: the same one again for the same seed.",
    cases=st.fixed_dictionaries({"world": any_world, "seed": seeds}),
    **hidden(weight=1, trials=8),
)
def reset_is_seeded(f, world, seed):
    """Seeds that differ may be turned into one and the same by chance only: with probability 2^-31 or so a pair."""
    used = [WatchedEpisode(f, world, 3, 2, number).env.seeds[0] for number in (seed, seed, seed ^ 1, seed ^ 6)]
    if None in used:
        raise Violation("reset was given no seed.")
    if used[0] != used[1]:
        raise Violation("the same seed should reset the environment with the same seed.")
    if len(set(used)) < 3:
        raise Violation("other seeds should reset the environment with other seeds.")
