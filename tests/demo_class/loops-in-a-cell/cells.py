# %% start from solutions

# %% own after policy_gradient
step = 0
while step < 10:
    print("searching for the best step size", step)
