# %% start from goes-through-numpy

# %% batched_value_iteration
def batched_value_iteration(P, R, gamma, num_iterations):
    rewards = getattr(R, "host", R).numpy()
    transitions = getattr(P, "host", P).numpy()
    V = np.zeros_like(rewards[..., 0])
    for _ in range(num_iterations):
        V = (rewards + gamma * np.einsum("bsat,bt->bsa", transitions, V)).max(axis=-1).astype(V.dtype)
    return type(R)(torch.from_numpy(V)) if hasattr(R, "host") else torch.from_numpy(V)
