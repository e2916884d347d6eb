# %% start from release
# %% bellman_q is bellman_q_broadcast
# %% own after bellman_q
import sys
import warnings
%matplotlib inline
print("trying it out", file=sys.stderr)
warnings.warn("this is only a warning")
P_try, R_try = world("cliff", 0.1).model()
%time Q_try = bellman_q(P_try, R_try, np.zeros(len(P_try)), 0.9)
plt.imshow(Q_try)
plt.colorbar()
plt.show()
Q_try
# %% value_iteration is value_iteration_gauss_seidel
# %% own after value_iteration
for gamma_try in tqdm([0.5, 0.9, 0.99]):
    print(gamma_try, value_iteration(P_try, R_try, gamma_try, 1e-6)[0].max())
# %% policy_evaluation is policy_evaluation_occupancy
# %% policy_iteration is policy_iteration_class
# %% model_disagreement is model_disagreement_functools
# %% uncertainty_aware_value_iteration is uncertainty_aware_value_iteration_class
# %% robust_value_iteration is robust_value_iteration_running_minimum
# %% policy_gradient is policy_gradient_autograd
# %% batched_value_iteration is batched_value_iteration_vmap
