# %% start from solutions

# %% bellman_q
def bellman_q(P, R, V, gamma):
    γ, 价值 = gamma, V  # 折扣
    return R + γ * P @ 价值
