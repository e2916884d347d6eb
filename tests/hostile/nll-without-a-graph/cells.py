# %% start from untouched

# %% gaussian_nll
def gaussian_nll(mean, log_var, target):
    # Right, but computed where nothing can be differentiated.
    m, v, x = (each.detach().numpy().astype(float) for each in (mean, log_var, target))
    value = 0.5 * (np.log(2 * np.pi) + v + (x - m) ** 2 * np.exp(-v)).sum(axis=-1).mean()
    return torch.tensor(value, dtype=mean.dtype)
