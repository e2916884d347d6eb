# %% start from untouched

# %% own after setup
class Mute(Exception):
    def __str__(self): raise RuntimeError("no text") from self
class Loud(Exception):
    def __str__(self): return "A" * 50_000_000
class NoText(BaseException):
    def __str__(self): return 7
    @property
    def __class__(self): return ValueError
Giant = type("G" * 5_000_000, (Exception,), {"__module__": "x" * 1000})
Odd = type("<b>\x1b[31m", (Exception,), {})
# %% bellman_q
def bellman_q(P, R, V, gamma):
    raise Mute
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    raise Loud
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    raise NoText
# %% policy_iteration
def policy_iteration(P, R, gamma):
    raise Giant('\udfff' * 3000)
# %% model_disagreement
def model_disagreement(P, R):
    raise Odd('\x00\x1b[2J\u202e')
# %% uncertainty_aware_value_iteration
def uncertainty_aware_value_iteration(P, R, gamma, beta, tol):
    raise ExceptionGroup('many', [ValueError(i) for i in range(200_000)])
# %% robust_value_iteration
def robust_value_iteration(P, R, gamma, tol):
    raise KeyboardInterrupt
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    raise GeneratorExit('x')
# %% batched_value_iteration
def batched_value_iteration(P, R, gamma, num_iterations):
    raise StopIteration(1)
