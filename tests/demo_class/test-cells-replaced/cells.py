# %% start from every-answer-zero
