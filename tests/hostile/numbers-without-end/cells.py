# %% start from perfect
