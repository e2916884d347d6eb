# %% start from solutions
