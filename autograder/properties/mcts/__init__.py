"""Hidden properties of unit 4: what searches, rollouts and episodes must be on worlds that leave nothing to chance.

A search's visits depend on ties and on the order of untried actions, so they are compared with everything a correct
search can return (``mcts_outcomes``). Where randomness matters, bounds hold for any stream of uniform draws: a property
of N frequencies fails a correct solution with a probability below 1e-10 for each case, by Chernoff's bound
P(frequency on the far side of q) <= exp(-N KL(q || p)) and a union over the frequencies that are compared.
"""

from autograder.properties.mcts.episode import mcts_episode
from autograder.properties.mcts.nodes import backpropagate, rollout, ucb1
from autograder.properties.mcts.search import mcts
from solutions import mcts as reference

__all__ = [
    "backpropagate",
    "mcts",
    "mcts_episode",
    "reference",
    "rollout",
    "ucb1",
]
