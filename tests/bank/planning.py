"""Correct solutions of unit 2, Planning, as different from each other as correct submissions are.

Each function is self-contained apart from `np`, `torch` and `math`: its source is renamed to the exercise and pasted
into a notebook cell. The styles vary on purpose: loops, linear solves, other sweeps, other ties, other containers.
"""

import math

import numpy as np
import torch

from autograder.properties.entries import collection

solutions, correct = collection()

# ---------------------------------------------------------------------------------------------------- bellman_q


@correct("bellman_q", "three nested Python loops, returned as nested lists")
def bellman_q_nested_loops(P, R, V, gamma):
    S, A = R.shape
    Q = []
    for s in range(S):
        row = []
        for a in range(A):
            expected = 0.0
            for s2 in range(S):
                expected += P[s, a, s2] * V[s2]
            row.append(R[s, a] + gamma * expected)
        Q.append(row)
    return Q


@correct("bellman_q", "one matmul")
def bellman_q_matmul(P, R, V, gamma):
    return R + gamma * P @ V


@correct("bellman_q", "einsum, added into the caller's R")
def bellman_q_einsum_in_place(P, R, V, gamma):
    R += gamma * np.einsum("sat,t->sa", P, V)
    return R


@correct("bellman_q", "tensordot with V scaled in place")
def bellman_q_tensordot(P, R, V, gamma):
    V *= gamma
    return np.add(R, np.tensordot(P, V, axes=([2], [0])))


@correct("bellman_q", "list comprehension over dot products, tuple of tuples")
def bellman_q_comprehension(P, R, V, gamma):
    states, actions = range(len(R)), range(len(R[0]))
    return tuple(tuple(float(R[s][a]) + gamma * float(np.dot(P[s][a], V)) for a in actions) for s in states)


@correct("bellman_q", "one column per action, stacked")
def bellman_q_columns(P, R, V, gamma):
    columns = []
    for a in range(P.shape[1]):
        columns.append(R[:, a] + gamma * P[:, a, :].dot(V))
    return np.column_stack(columns)


@correct("bellman_q", "np.matrix on the flattened state-action pairs")
def bellman_q_matrix(P, R, V, gamma):
    S, A, _ = P.shape
    flat = np.matrix(P.reshape(S * A, S))
    v = np.matrix(V).T
    q = np.matrix(R.reshape(S * A, 1)) + gamma * (flat * v)
    return q.A1.reshape(S, A)


@correct("bellman_q", "masked array of the possible transitions")
def bellman_q_masked(P, R, V, gamma):
    possible = np.ma.masked_equal(P, 0.0)
    future = (possible * V[None, None, :]).sum(axis=2)
    return R + gamma * np.ma.filled(future, 0.0)


@correct("bellman_q", "torch in double precision")
def bellman_q_torch(P, R, V, gamma):
    p, r, v = (torch.as_tensor(x, dtype=torch.float64) for x in (P, R, V))
    return (r + gamma * torch.einsum("ijk,k->ij", p, v)).numpy()


@correct("bellman_q", "flattened dot product in Fortran order")
def bellman_q_fortran(P, R, V, gamma):
    S, A = R.shape
    Q = np.zeros((S, A), order="F")
    Q[:, :] = P.reshape(-1, S).dot(V).reshape(S, A)
    Q *= gamma
    Q += R
    return Q


@correct("bellman_q", "accumulates one next state at a time")
def bellman_q_accumulate(P, R, V, gamma):
    from functools import reduce

    return reduce(lambda Q, s2: Q + gamma * P[:, :, s2] * V[s2], range(len(V)), R.copy())


@correct("bellman_q", "broadcast product and sum, with a leftover print")
def bellman_q_broadcast(P, R, V, gamma):
    future = np.sum(P * V.reshape(1, 1, -1), axis=-1)
    print("future values", future.shape)
    return R + np.multiply(gamma, future)


@correct("bellman_q", "dictionary over itertools.product, exact summation")
def bellman_q_fsum(P, R, V, gamma):
    from itertools import product

    S, A = R.shape
    table = {}
    for s, a in product(range(S), range(A)):
        table[s, a] = math.fsum([R[s, a]] + [gamma * P[s, a, s2] * V[s2] for s2 in range(S)])
    return np.array([table[key] for key in sorted(table)]).reshape(S, A)


@correct("bellman_q", "recursion over halves of the next states")
def bellman_q_recursive(P, R, V, gamma):
    def expectation(p, v):
        if len(v) == 1:
            return p[0] * v[0]
        half = len(v) // 2
        return expectation(p[:half], v[:half]) + expectation(p[half:], v[half:])

    return np.array([[R[s, a] + gamma * expectation(P[s, a], V) for a in range(R.shape[1])] for s in range(len(R))])


# ---------------------------------------------------------------------------------------------- value_iteration


@correct("value_iteration", "synchronous sweeps, the textbook threshold tol (1-gamma) / (2 gamma)")
def value_iteration_textbook(P, R, gamma, tol):
    V = np.zeros(P.shape[0])
    threshold = tol * (1 - gamma) / (2 * gamma) if gamma > 0 else tol
    while True:
        V_new = np.max(R + gamma * P @ V, axis=1)
        delta = np.max(np.abs(V_new - V))
        V = V_new
        if delta < threshold:
            break
    policy = np.argmax(R + gamma * P @ V, axis=1)
    return V, policy


@correct("value_iteration", "in-place Gauss-Seidel sweeps, last maximiser, returned as a list")
def value_iteration_gauss_seidel(P, R, gamma, tol):
    S, A = R.shape
    V = np.zeros(S)
    delta = float("inf")
    while delta > tol * (1 - gamma):
        delta = 0.0
        for s in range(S):
            old = V[s]
            V[s] = max(R[s, a] + gamma * P[s, a].dot(V) for a in range(A))
            delta = max(delta, abs(V[s] - old))
    policy = []
    for s in range(S):
        best, best_q = 0, -np.inf
        for a in range(A):
            q = R[s, a] + gamma * P[s, a].dot(V)
            if q >= best_q:
                best, best_q = a, q
        policy.append(best)
    return [V, policy]


@correct("value_iteration", "a fixed number of sweeps computed from gamma, tol and the largest reward")
def value_iteration_fixed_sweeps(P, R, gamma, tol):
    r_max = np.abs(R).max()
    sweeps = 1
    if gamma > 0 and r_max > 0:
        sweeps += max(0, math.ceil(math.log(0.1 * tol * (1 - gamma) / r_max) / math.log(gamma)))
    V = np.zeros(len(R))
    for _ in range(sweeps):
        V = (R + gamma * np.einsum("ijk,k->ij", P, V)).max(axis=1)
    return V, (R + gamma * np.einsum("ijk,k->ij", P, V)).argmax(axis=1).astype(np.int32)


@correct("value_iteration", "modified policy iteration with corrected bounds")
def value_iteration_modified_policy_iteration(P, R, gamma, tol):
    S = len(R)
    rows = np.arange(S)
    V = np.full(S, R.min() / (1 - gamma))
    while True:
        Q = R + gamma * P.dot(V)
        TV = Q.max(1)
        low = gamma / (1 - gamma) * (TV - V).min()
        high = gamma / (1 - gamma) * (TV - V).max()
        if high - low <= tol:
            V = TV + 0.5 * (low + high)
            return V, (R + gamma * P.dot(V)).argmax(1)
        policy = Q.argmax(1)
        V = TV
        for _ in range(15):
            V = R[rows, policy] + gamma * P[rows, policy] @ V


@correct("value_iteration", "policy iteration with exact linear solves inside, remembers the policies seen")
def value_iteration_policy_iteration(P, R, gamma, tol):
    S = len(R)
    policy = np.zeros(S, dtype=int)
    seen = set()
    while tuple(policy) not in seen:
        seen.add(tuple(policy))
        P_pi = np.array([P[s, policy[s]] for s in range(S)])
        R_pi = np.array([R[s, policy[s]] for s in range(S)])
        V = np.linalg.solve(np.eye(S) - gamma * P_pi, R_pi)
        policy = np.argmax(R + gamma * P @ V, axis=1)
    return V, policy


@correct("value_iteration", "always backs up the state with the largest Bellman error")
def value_iteration_largest_error_first(P, R, gamma, tol):
    V = R.max(axis=1)
    while True:
        error = (R + gamma * (P @ V)).max(axis=1) - V
        s = int(np.argmax(np.abs(error)))
        if abs(error[s]) <= tol * (1 - gamma) / 2:
            break
        V[s] += error[s]
    return V, np.argmax(R + gamma * (P @ V), axis=1)


@correct("value_iteration", "work list of states whose successors changed")
def value_iteration_work_list(P, R, gamma, tol):
    from collections import deque

    S, A = R.shape
    V = [0.0] * S
    successors = [[[(t, gamma * P[s, a, t]) for t in np.flatnonzero(P[s, a])] for a in range(A)] for s in range(S)]
    predecessors = [np.flatnonzero(P[:, :, t].any(axis=1)).tolist() for t in range(S)]

    def q(s, a):
        return R[s, a] + sum(p * V[t] for t, p in successors[s][a])

    queue = deque(range(S))
    waiting = [True] * S
    while queue:
        s = queue.popleft()
        waiting[s] = False
        new = max(q(s, a) for a in range(A))
        if abs(new - V[s]) > tol * (1 - gamma) / 4:
            V[s] = new
            for t in predecessors[s]:
                if not waiting[t]:
                    waiting[t] = True
                    queue.append(t)
    return V, [max(range(A), key=lambda a, s=s: q(s, a)) for s in range(S)]


@correct("value_iteration", "span of the change, V corrected to the middle of the bounds")
def value_iteration_span(P, R, gamma, tol):
    V = np.zeros(P.shape[0])
    span = None
    while span is None or gamma * span / (1 - gamma) > tol:
        V_next = np.amax(R + gamma * np.tensordot(P, V, 1), axis=1)
        change = V_next - V
        span = change.max() - change.min()
        V = V_next
    V = V + gamma / (1 - gamma) * (change.max() + change.min()) / 2
    Q = R + gamma * np.tensordot(P, V, 1)
    return V, Q.shape[1] - 1 - np.argmax(Q[:, ::-1], axis=1)


@correct("value_iteration", "returns the values its last Q was computed from")
def value_iteration_residual(P, R, gamma, tol):
    V = R.mean(axis=1)
    Q = R + gamma * np.matmul(P, V)
    while np.linalg.norm(Q.max(axis=1) - V, ord=np.inf) > (1 - gamma) * tol:
        V = Q.max(axis=1)
        Q = R + gamma * np.matmul(P, V)
    return V, Q.argmax(axis=1)


@correct("value_iteration", "pure Python lists all the way, returned as [V, policy]")
def value_iteration_pure_python(P, R, gamma, tol):
    P, R = P.tolist(), R.tolist()
    states, actions = range(len(R)), range(len(R[0]))

    def backup(V):
        def q(s, a):
            return R[s][a] + gamma * sum(p * v for p, v in zip(P[s][a], V, strict=True))

        return [[q(s, a) for a in actions] for s in states]

    V, delta = [0.0 for _ in states], None
    while delta is None or delta * gamma > tol * (1 - gamma) * 0.5:
        new = [max(row) for row in backup(V)]
        delta = max(abs(x - y) for x, y in zip(new, V, strict=True))
        V = new
    return [V, [row.index(max(row)) for row in backup(V)]]


@correct("value_iteration", "nested loops over array elements")
def value_iteration_element_loops(P, R, gamma, tol):
    num_states, num_actions = R.shape

    def q_value(s, a, V):
        total = R[s, a]
        for s2 in range(num_states):
            if P[s, a, s2] > 0:
                total += gamma * P[s, a, s2] * V[s2]
        return total

    V = np.zeros(num_states)
    while True:
        V_old = V.copy()
        for s in range(num_states):
            V[s] = max([q_value(s, a, V_old) for a in range(num_actions)])
        if np.abs(V - V_old).max() <= tol * (1 - gamma):
            break
    policy = np.zeros(num_states)
    for s in range(num_states):
        policy[s] = np.argmax([q_value(s, a, V) for a in range(num_actions)])
    return V, policy


@correct("value_iteration", "torch in double precision, converted back to NumPy")
def value_iteration_torch(P, R, gamma, tol):
    p, r = torch.from_numpy(P), torch.from_numpy(R)
    v = torch.zeros(len(r), dtype=torch.float64)
    while True:
        v_next = (r + gamma * (p @ v)).max(dim=1).values
        gap = (v_next - v).abs().max().item()
        v = v_next
        if gap * gamma / (1 - gamma) <= tol / 2:
            return v.numpy(), (r + gamma * (p @ v)).argmax(dim=1).numpy()


@correct("value_iteration", "upper and lower bounds squeezed together, random among ties")
def value_iteration_bounds(P, R, gamma, tol):
    S = len(R)
    low = np.ones(S) * R.min() / (1 - gamma)
    high = np.ones(S) * R.max() / (1 - gamma)
    while (high - low).max() > tol:
        low = (R + gamma * P @ low).max(1)
        high = (R + gamma * P @ high).max(1)
    V = (low + high) / 2
    Q = R + gamma * P @ V
    policy = np.array([np.random.choice(np.flatnonzero(Q[s] == Q[s].max())) for s in range(S)])
    return V, policy


@correct("value_iteration", "an MDP class, action-first layout, Gauss-Seidel in random order, warns when it is done")
def value_iteration_class(P, R, gamma, tol):
    import warnings

    class Mdp:
        def __init__(self):
            self.T = np.ascontiguousarray(P.transpose(1, 0, 2))
            self.v = np.zeros(P.shape[0])

        def q(self, s):
            return R[s] + gamma * self.T[:, s] @ self.v

        def sweep(self):
            change = 0.0
            for s in np.random.permutation(len(self.v)):
                best = self.q(s).max()
                change = max(change, abs(best - self.v[s]))
                self.v[s] = best
            return change

    mdp = Mdp()
    sweeps = 1
    while mdp.sweep() > 0.5 * tol * (1 - gamma):
        sweeps += 1
    warnings.warn(f"converged after {sweeps} sweeps", stacklevel=1)
    return mdp.v, np.asfortranarray([mdp.q(s).argmax() for s in range(len(mdp.v))])


@correct("value_iteration", "np.matrix, rewards shifted to start from below, arguments scaled in place")
def value_iteration_matrix(P, R, gamma, tol):
    S, A = R.shape
    shift = R.min()
    R -= shift
    P *= gamma
    layers = [np.matrix(P[:, a, :]) for a in range(A)]

    def lookahead(v):
        return np.hstack([np.matrix(R[:, a]).T + layers[a] * v for a in range(A)])

    v = np.matrix(np.zeros((S, 1)))
    while True:
        new = lookahead(v).max(axis=1)
        done = abs(new - v).max() <= tol * (1 - gamma) / 2
        v = new
        if done:
            break
    policy = lookahead(v).argmax(axis=1).A1
    return v.A1 + shift / (1 - gamma), policy


# -------------------------------------------------------------------------------------------- policy_evaluation


@correct("policy_evaluation", "linear solve with fancy indexing")
def policy_evaluation_solve(P, R, policy, gamma):
    rows = np.arange(len(policy))
    return np.linalg.solve(np.eye(len(policy)) - gamma * P[rows, policy], R[rows, policy])


@correct("policy_evaluation", "explicit inverse, system assembled in a loop")
def policy_evaluation_inverse(P, R, policy, gamma):
    S = P.shape[0]
    matrix = np.zeros((S, S))
    rewards = np.zeros(S)
    for s in range(S):
        a = int(policy[s])
        rewards[s] = R[s, a]
        for s2 in range(S):
            matrix[s, s2] = (1.0 if s == s2 else 0.0) - gamma * P[s, a, s2]
    return np.linalg.inv(matrix) @ rewards


@correct("policy_evaluation", "more sweeps than needed, computed from gamma")
def policy_evaluation_fixed_sweeps(P, R, policy, gamma):
    P_pi = np.take_along_axis(P, policy[:, None, None], axis=1)[:, 0]
    R_pi = np.take_along_axis(R, policy[:, None], axis=1)[:, 0]
    sweeps = 1 if gamma == 0 else int(math.log(1e-20 * (1 - gamma)) / math.log(gamma)) + 2
    V = np.zeros_like(R_pi)
    for _ in range(sweeps):
        V = R_pi + gamma * P_pi @ V
    return V


@correct("policy_evaluation", "Gauss-Seidel sweeps until the change is tiny or the sweeps run out")
def policy_evaluation_gauss_seidel(P, R, policy, gamma):
    V = np.zeros(len(policy))
    max_sweeps = 20 + int(60 / (1 - gamma))
    for _ in range(max_sweeps):
        delta = 0.0
        for s, a in enumerate(policy):
            v = R[s, a] + gamma * np.dot(P[s, a], V)
            delta = max(delta, abs(v - V[s]))
            V[s] = v
        if delta <= 1e-10 * (1 - gamma):
            break
    return V.tolist()


@correct("policy_evaluation", "pure Python Gaussian elimination with pivoting, returned as a list")
def policy_evaluation_elimination(P, R, policy, gamma):
    n = len(policy)
    rows = []
    for s in range(n):
        a = policy[s]
        row = [-gamma * float(P[s, a, t]) for t in range(n)]
        row[s] += 1.0
        rows.append(row + [float(R[s, a])])
    for i in range(n):
        k = max(range(i, n), key=lambda j, i=i: abs(rows[j][i]))
        rows[i], rows[k] = rows[k], rows[i]
        for j in range(i + 1, n):
            f = rows[j][i] / rows[i][i]
            if f:
                rows[j] = [x - f * y for x, y in zip(rows[j], rows[i], strict=True)]
    V = [0.0] * n
    for i in reversed(range(n)):
        V[i] = (rows[i][n] - sum(rows[i][j] * V[j] for j in range(i + 1, n))) / rows[i][i]
    return V


@correct("policy_evaluation", "torch in double precision")
def policy_evaluation_torch(P, R, policy, gamma):
    idx = torch.as_tensor(policy).long()
    s = torch.arange(len(idx))
    A = torch.eye(len(idx), dtype=torch.float64) - gamma * torch.from_numpy(P)[s, idx]
    b = torch.from_numpy(R)[s, idx].unsqueeze(1)
    return torch.linalg.solve(A, b).squeeze(1).detach().cpu().numpy()


@correct("policy_evaluation", "one-hot policy matrix and least squares")
def policy_evaluation_least_squares(P, R, policy, gamma):
    S, A = R.shape
    pi = np.eye(A)[policy]
    P_pi = np.einsum("sa,sat->st", pi, P)
    r_pi = (pi * R).sum(axis=1)
    solution, *_ = np.linalg.lstsq(np.identity(S) - gamma * P_pi, r_pi, rcond=None)
    return solution


@correct("policy_evaluation", "Neumann series by repeated squaring")
def policy_evaluation_doubling(P, R, policy, gamma):
    M = gamma * np.stack([P[s, policy[s]] for s in range(len(policy))])
    V = np.stack([R[s, policy[s]] for s in range(len(policy))])
    for _ in range(60):
        V = V + M @ V
        M = M @ M
    return V


@correct("policy_evaluation", "QR decomposition and back substitution on np.matrix")
def policy_evaluation_qr(P, R, policy, gamma):
    S = len(policy)
    system = np.matrix(np.eye(S)) - gamma * np.matrix([P[s, policy[s]] for s in range(S)])
    q, r = np.linalg.qr(system)
    y = (q.T * np.matrix([R[s, policy[s]] for s in range(S)]).T).A1
    V = np.zeros(S)
    for i in range(S - 1, -1, -1):
        V[i] = (y[i] - r[i, i + 1 :].A1 @ V[i + 1 :]) / r[i, i]
    return V


@correct("policy_evaluation", "solves for Q over state-action pairs and reads V off it")
def policy_evaluation_q_system(P, R, policy, gamma):
    S, A = R.shape
    pairs = np.zeros((S * A, S * A))
    for i, (s, a) in enumerate(np.ndindex(S, A)):
        for s2 in range(S):
            pairs[i, s2 * A + policy[s2]] = P[s, a, s2]
    Q = np.linalg.solve(np.eye(S * A) - gamma * pairs, R.ravel()).reshape(S, A)
    return tuple(Q[s, policy[s]] for s in range(S))


@correct("policy_evaluation", "discounted state occupancies of every start state, caller's P overwritten")
def policy_evaluation_occupancy(P, R, policy, gamma):
    S = len(policy)
    P *= gamma
    V = []
    for s0 in range(S):
        start = np.zeros(S)
        start[s0] = 1.0
        flow = np.array([P[s, policy[s]] for s in range(S)])
        d = np.linalg.solve((np.eye(S) - flow).T, start)
        V.append(sum(d[s] * R[s, policy[s]] for s in range(S)))
    return np.array(V, order="F")


@correct("policy_evaluation", "plain sweeps until nothing changes at all or the sweeps run out")
def policy_evaluation_until_still(P, R, policy, gamma):
    states = list(range(len(policy)))
    V = dict.fromkeys(states, 0.0)
    limit = 100 if gamma < 0.5 else math.ceil(60 / (1 - gamma))
    for _ in range(limit):
        values = np.fromiter(V.values(), dtype=float)
        new = {s: R[s, policy[s]] + gamma * (P[s, policy[s]] * values).sum() for s in states}
        if new == V:
            break
        V = new
    return [V[s] for s in states]


@correct("policy_evaluation", "rewards as one more column of the matrix, squared forty times")
def policy_evaluation_affine_powers(P, R, policy, gamma):
    size, here = len(R), np.arange(len(R))
    step = np.zeros((size + 1, size + 1))
    step[:size, :size], step[:size, size], step[size, size] = gamma * P[here, policy], R[here, policy], 1
    for _ in range(40):
        step = step @ step
    return step[:size, size]


# --------------------------------------------------------------------------------------------- policy_iteration


@correct("policy_iteration", "keeps the old action unless another is clearly better, at most 1000 rounds")
def policy_iteration_keep_old(P, R, gamma):
    S = R.shape[0]
    policy = np.zeros(S, dtype=np.int64)
    idx = np.arange(S)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(S) - gamma * P[idx, policy], R[idx, policy])
        Q = R + gamma * P @ V
        better = Q.max(axis=1) > Q[idx, policy] + 1e-11
        if not better.any():
            break
        policy = np.where(better, Q.argmax(axis=1), policy)
    return V, policy


@correct("policy_iteration", "plain argmax, stops at the first policy seen before")
def policy_iteration_seen(P, R, gamma):
    S = len(R)
    policy = tuple(R.argmax(axis=1).tolist())
    seen = {}
    while policy not in seen:
        P_pi = np.stack([P[s, a] for s, a in enumerate(policy)])
        R_pi = np.array([R[s, a] for s, a in enumerate(policy)])
        seen[policy] = np.linalg.inv(np.eye(S) - gamma * P_pi).dot(R_pi)
        policy = tuple((R + gamma * P.dot(seen[policy])).argmax(axis=1).tolist())
    return seen[policy], policy


@correct("policy_iteration", "stops when the values no longer rise")
def policy_iteration_no_improvement(P, R, gamma):
    S = len(R)

    def evaluate(policy):
        return np.linalg.solve(np.eye(S) - gamma * P[range(S), policy], R[range(S), policy])

    policy = np.zeros(S, dtype=int)
    V = evaluate(policy)
    while True:
        candidate = np.argmax(R + gamma * np.einsum("sat,t->sa", P, V), axis=1)
        V_new = evaluate(candidate)
        if V_new.sum() <= V.sum() or np.max(V_new - V) <= 1e-11:
            return [V, policy]
        V, policy = V_new, candidate


@correct("policy_iteration", "iterative evaluation with a generous number of sweeps, from a random policy")
def policy_iteration_iterative_evaluation(P, R, gamma):
    S, A = R.shape
    rng = np.random.default_rng()
    policy = rng.integers(0, A, size=S)
    sweeps = 1 if gamma == 0 else math.ceil(math.log(1e-18 * (1 - gamma)) / math.log(gamma))
    history = []
    while True:
        history.append(policy.tolist())
        p, r = P[np.arange(S), policy], R[np.arange(S), policy]
        V = np.zeros(S)
        for _ in range(sweeps):
            V = r + gamma * p @ V
        policy = np.argmax(R + gamma * P @ V, axis=1)
        if policy.tolist() in history:
            break
    return V, policy


@correct("policy_iteration", "switches one state at a time, like the simplex method")
def policy_iteration_single_switch(P, R, gamma):
    S, A = R.shape
    policy = [0] * S
    for _ in range(50 * S * A):
        M = np.array([np.eye(S)[s] - gamma * P[s, policy[s]] for s in range(S)])
        V = np.linalg.solve(M, [R[s, policy[s]] for s in range(S)])
        advantage = R + gamma * P @ V - V[:, None]
        s, a = np.unravel_index(advantage.argmax(), advantage.shape)
        if advantage[s, a] <= 1e-12 * max(1.0, 0.01 * np.abs(V).max()):
            break
        policy[s] = int(a)
    return V, policy


@correct("policy_iteration", "torch in double precision, ties kept by comparing with the old action's value")
def policy_iteration_torch(P, R, gamma):
    p, r = torch.tensor(P), torch.tensor(R)
    S = r.size(0)
    s = torch.arange(S)
    pi = torch.zeros(S, dtype=torch.int64)
    for _ in range(500):
        v = torch.linalg.solve(torch.eye(S, dtype=p.dtype) - gamma * p[s, pi], r[s, pi])
        q = r + gamma * torch.matmul(p, v)
        best, arg = q.max(dim=1)
        new = torch.where(best - q[s, pi] > 1e-14 * v.abs().max(), arg, pi)
        if torch.equal(new, pi):
            break
        pi = new
    return v.numpy(), pi.numpy()


@correct("policy_iteration", "recursive improvement, whole-number float policy")
def policy_iteration_recursive(P, R, gamma):
    S, A = R.shape
    one_hot = np.eye(A)

    def improve(policy, best_sum):
        pi = one_hot[policy]
        V = np.linalg.solve(np.eye(S) - gamma * (pi[:, :, None] * P).sum(1), (pi * R).sum(1))
        if V.sum() <= best_sum:
            return V, policy.astype(float)
        return improve((R + gamma * P @ V).argmax(1), V.sum())

    return improve(np.full(S, A - 1), -math.inf)


@correct("policy_iteration", "Q-table system over all pairs, last maximiser, stops when a policy repeats")
def policy_iteration_q_table(P, R, gamma):
    S, A = R.shape
    policy = np.zeros(S, dtype=int)
    tried = set()
    while policy.tobytes() not in tried:
        tried.add(policy.tobytes())
        M = np.zeros((S, A, S, A))
        M[:, :, np.arange(S), policy] = P
        Q = np.linalg.solve(np.eye(S * A) - gamma * M.reshape(S * A, S * A), R.reshape(-1)).reshape(S, A)
        V = Q[np.arange(S), policy]
        policy = A - 1 - np.argmax(np.fliplr(Q), axis=1)
    return V, policy


@correct("policy_iteration", "value iteration first, then exact policy improvement with a scaled margin")
def policy_iteration_warm_start(P, R, gamma):
    S = len(R)
    V = np.zeros(S)
    for _ in range(50):
        V = np.max(R + gamma * P @ V, axis=-1)
    policy = np.argmax(R + gamma * P @ V, axis=-1)
    margin = 1e-15 * max(np.abs(R).max(), 1e-300) / (1 - gamma)
    rounds = 0
    stable = False
    while not stable and rounds < 10 * S + 100:
        A_pi = np.identity(S)
        b_pi = np.empty(S)
        for s in range(S):
            A_pi[s] -= gamma * P[s, policy[s]]
            b_pi[s] = R[s, policy[s]]
        V = np.linalg.lstsq(A_pi, b_pi, rcond=None)[0]
        stable = True
        for s in range(S):
            q = R[s] + gamma * P[s] @ V
            if q.max() - q[policy[s]] > 10 * margin:
                policy[s] = q.argmax()
                stable = False
        rounds += 1
    return V, policy


@correct("policy_iteration", "policy class, stops when the greedy set still contains the policy, random among ties")
def policy_iteration_class(P, R, gamma):
    class Planner:
        def __init__(self):
            self.policy = np.random.randint(R.shape[1], size=R.shape[0])

        def evaluate(self):
            rows = np.arange(len(self.policy))
            self.V = np.linalg.solve(np.eye(len(rows)) - gamma * P[rows, self.policy], R[rows, self.policy])
            return self.V

        def improve(self):
            Q = R + gamma * P @ self.V
            slack = 1e-14 * np.abs(Q).max()
            optimal = Q.max(axis=1, keepdims=True) - slack <= Q
            stable = all(optimal[s, a] for s, a in enumerate(self.policy))
            if not stable:
                self.policy = np.array([np.random.choice(np.flatnonzero(row)) for row in optimal])
            return stable

    planner = Planner()
    for _ in range(1000):
        planner.evaluate()
        if planner.improve():
            break
    return planner.V, planner.policy.astype(np.int32)


@correct("policy_iteration", "pure Python with its own elimination, a list of both results")
def policy_iteration_pure_python(P, R, gamma):
    P, R = P.tolist(), R.tolist()
    n, m = len(R), len(R[0])

    def evaluate(policy):
        M = [[(s == t) - gamma * P[s][policy[s]][t] for t in range(n)] + [R[s][policy[s]]] for s in range(n)]
        for i in range(n):
            pivot = max(range(i, n), key=lambda k: abs(M[k][i]))
            M[i], M[pivot] = M[pivot], M[i]
            M[i] = [x / M[i][i] for x in M[i]]
            for k in range(n):
                if k != i and M[k][i] != 0:
                    c = M[k][i]
                    M[k] = [x - c * y for x, y in zip(M[k], M[i], strict=True)]
        return [row[-1] for row in M]

    policy, visited = [0] * n, []
    while policy not in visited:
        visited.append(policy)
        V = evaluate(policy)
        policy = []
        for s in range(n):
            qs = [R[s][a] + gamma * sum(p * v for p, v in zip(P[s][a], V, strict=True)) for a in range(m)]
            policy.append(qs.index(max(qs)))
    return [V, policy]


@correct("policy_iteration", "compares the values of successive policies, then evaluates the last one exactly")
def policy_iteration_allclose(P, R, gamma):
    S, A = R.shape
    transitions = np.moveaxis(P, 1, 0)
    V_old = np.full(S, -np.inf)
    policy = np.zeros(S, dtype=np.int16)
    for i in range(S * A + 100):
        P_pi = np.choose(policy[:, None], transitions) if A < 32 else P[np.arange(S), policy]
        V = np.linalg.solve(np.eye(S) - gamma * P_pi, R[np.arange(S), policy])
        if np.allclose(V, V_old, rtol=1e-15, atol=1e-12):
            print(f"policy iteration: {i} improvements")
            break
        V_old = V
        policy = (R.T + gamma * transitions @ V).argmax(axis=0).astype(np.int16)
    return V, policy


# ------------------------------------------------------------------------------------------- model_disagreement


@correct("model_disagreement", "NumPy mean and std over the members")
def model_disagreement_numpy(P, R):
    tv = 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1)
    return R.std(axis=0) + tv.mean(axis=0)


@correct("model_disagreement", "loops over states, actions and members")
def model_disagreement_loops(P, R):
    M, S, A = R.shape
    result = np.zeros((S, A))
    for s in range(S):
        for a in range(A):
            mean_reward = sum(R[m, s, a] for m in range(M)) / M
            variance = sum((R[m, s, a] - mean_reward) ** 2 for m in range(M)) / M
            mean_row = sum(P[m, s, a] for m in range(M)) / M
            distance = 0.0
            for m in range(M):
                distance += sum(abs(P[m, s, a, t] - mean_row[t]) for t in range(S)) / 2
            result[s, a] = math.sqrt(variance) + distance / M
    return result


@correct("model_disagreement", "statistics.pstdev, nested lists")
def model_disagreement_statistics(P, R):
    import statistics

    def distance(rows):
        mean = [statistics.fmean(column) for column in zip(*rows, strict=True)]
        return statistics.fmean(sum(abs(p - q) for p, q in zip(row, mean, strict=True)) / 2 for row in rows)

    M, S, A = R.shape
    return [
        [statistics.pstdev(R[:, s, a].tolist()) + distance(P[:, s, a].tolist()) for a in range(A)] for s in range(S)
    ]


@correct("model_disagreement", "torch in double precision with correction=0")
def model_disagreement_torch(P, R):
    p, r = torch.from_numpy(P), torch.from_numpy(R)
    distance = (p - p.mean(dim=0, keepdim=True)).abs().sum(dim=3).mean(dim=0) / 2
    return (torch.std(r, dim=0, correction=0) + distance).numpy()


@correct("model_disagreement", "total variation as the sum of the positive parts")
def model_disagreement_positive_part(P, R):
    mean_row = np.mean(P, axis=0, keepdims=True)
    tv = np.maximum(P - mean_row, 0.0).sum(axis=3)
    centred = R - R.mean(axis=0)
    return np.sqrt((centred**2).mean(axis=0)) + np.mean(tv, axis=0)


@correct("model_disagreement", "total variation as one minus the overlap, Fortran order")
def model_disagreement_overlap(P, R):
    M = len(P)
    centre = sum(P) / M
    tv = sum(1.0 - np.minimum(P[m], centre).sum(axis=-1) for m in range(M)) / M
    return np.asfortranarray(np.std(R, axis=0, ddof=0) + tv)


@correct("model_disagreement", "variance from all pairs of members")
def model_disagreement_pairs(P, R):
    M = R.shape[0]
    gaps = R[:, None] - R[None, :]
    spread = np.sqrt((gaps**2).sum(axis=(0, 1)) / (2 * M * M))
    mean_row = np.einsum("msat->sat", P) / M
    l1 = np.einsum("msat->sa", np.abs(P - mean_row[None]))
    return spread + l1 / (2 * M)


@correct("model_disagreement", "sample standard deviation scaled back to the population's, one member apart")
def model_disagreement_rescaled(P, R):
    M = P.shape[0]
    sd = np.zeros(R.shape[1:]) if M == 1 else R.std(axis=0, ddof=1) * math.sqrt((M - 1) / M)
    tv = np.array([np.linalg.norm(member - np.mean(P, 0), ord=1, axis=2) / 2 for member in P])
    return sd + np.average(tv, axis=0)


@correct("model_disagreement", "Welford's running mean and variance, caller's arrays centred in place")
def model_disagreement_welford(P, R):
    mean, m2 = np.zeros_like(R[0]), np.zeros_like(R[0])
    for k, r in enumerate(R, start=1):
        delta = r - mean
        mean += delta / k
        m2 += delta * (r - mean)
    P -= P.mean(axis=0)
    np.abs(P, out=P)
    return np.sqrt(m2 / len(R)) + P.sum(axis=3).mean(axis=0) / 2


@correct("model_disagreement", "np.vectorize over pairs, norms of centred vectors")
def model_disagreement_vectorize(P, R):
    def one_pair(s, a):
        r = R[:, s, a]
        rows = P[:, s, a, :]
        spread = np.linalg.norm(r - r.mean()) / np.sqrt(len(r))
        return spread + np.mean([np.abs(row - rows.mean(axis=0)).sum() * 0.5 for row in rows])

    states, actions = np.indices(R.shape[1:])
    return np.vectorize(one_pair, otypes=[float])(states, actions)


@correct("model_disagreement", "masked arrays and a centring matrix")
def model_disagreement_centring_matrix(P, R):
    M, S, A = R.shape
    centring = np.eye(M) - np.ones((M, M)) / M
    r = np.tensordot(centring, R - R[0], axes=1)
    p = np.ma.masked_array(np.tensordot(centring, P, axes=1), mask=False)
    tv = np.ma.abs(p).sum(axis=-1) / 2
    return np.sqrt(np.einsum("mij,mij->ij", r, r) / M) + np.ma.getdata(tv.mean(axis=0))


@correct("model_disagreement", "tuple of rows via functools and itertools, with a print")
def model_disagreement_functools(P, R):
    from functools import reduce
    from itertools import chain
    from operator import add

    members = range(len(P))
    average = reduce(add, P) / len(P)
    tv = reduce(add, (np.abs(P[m] - average).sum(2) for m in members)) / (2 * len(P))
    sd = np.apply_along_axis(np.std, 0, R)
    print("most disputed:", max(chain.from_iterable(tv + sd)))
    return tuple(map(tuple, sd + tv))


# ------------------------------------------------------------------------------ uncertainty_aware_value_iteration


@correct("uncertainty_aware_value_iteration", "mean model with bonus, synchronous sweeps")
def uncertainty_aware_value_iteration_sweeps(P, R, gamma, beta, tol):
    P_mean, R_mean = P.mean(axis=0), R.mean(axis=0)
    disagreement = R.std(axis=0) + 0.5 * np.abs(P - P_mean).sum(axis=-1).mean(axis=0)
    reward = R_mean + beta * disagreement
    V = np.zeros(reward.shape[0])
    while True:
        V_new = (reward + gamma * P_mean @ V).max(axis=1)
        done = gamma * np.abs(V_new - V).max() <= 0.5 * tol * (1 - gamma)
        V = V_new
        if done:
            return V, (reward + gamma * P_mean @ V).argmax(axis=1)


@correct("uncertainty_aware_value_iteration", "nested helpers and Gauss-Seidel sweeps")
def uncertainty_aware_value_iteration_helpers(P, R, gamma, beta, tol):
    M, S, A = R.shape

    def disagreement(s, a):
        row = P[:, s, a].mean(axis=0)
        distances = [0.5 * np.abs(P[m, s, a] - row).sum() for m in range(M)]
        return np.std(R[:, s, a]) + sum(distances) / M

    model = {(s, a): P[:, s, a].mean(axis=0) for s in range(S) for a in range(A)}
    reward = {(s, a): R[:, s, a].mean() + beta * disagreement(s, a) for s in range(S) for a in range(A)}
    V = np.zeros(S)

    def q(s, a):
        return reward[s, a] + gamma * model[s, a].dot(V)

    while True:
        worst = 0.0
        for s in range(S):
            before, V[s] = V[s], max(q(s, a) for a in range(A))
            worst = max(worst, abs(V[s] - before))
        if worst < tol * (1 - gamma):
            break
    return V, np.array([max(range(A), key=lambda a, s=s: q(s, a)) for s in range(S)])


@correct("uncertainty_aware_value_iteration", "policy iteration with exact solves on the mean model")
def uncertainty_aware_value_iteration_policy_iteration(P, R, gamma, beta, tol):
    p = np.einsum("msat->sat", P) / len(P)
    bonus = R.std(0) + np.abs(P - p).sum(3).mean(0) / 2
    r = np.einsum("msa->sa", R) / len(R) + beta * bonus
    S = len(r)
    s = np.arange(S)
    policy, seen = r.argmax(1), []
    while policy.tolist() not in seen:
        seen.append(policy.tolist())
        V = np.linalg.solve(np.eye(S) - gamma * p[s, policy], r[s, policy])
        policy = (r + gamma * p @ V).argmax(1)
    return [V.tolist(), policy.tolist()]


@correct("uncertainty_aware_value_iteration", "torch in double precision")
def uncertainty_aware_value_iteration_torch(P, R, gamma, beta, tol):
    p, r = torch.tensor(P, dtype=torch.double), torch.tensor(R, dtype=torch.double)
    p_mean = p.mean(0)
    r = r.mean(0) + beta * (r.std(0, unbiased=False) + 0.5 * (p - p_mean).abs().sum(-1).mean(0))
    v = torch.zeros(r.shape[0], dtype=torch.double)
    gap = torch.inf
    while gap > tol * (1 - gamma) / (2 * gamma if gamma > 0 else 1):
        v_new = torch.amax(r + gamma * (p_mean @ v), dim=1)
        gap = torch.linalg.vector_norm(v_new - v, ord=torch.inf)
        v = v_new
    return v.numpy(), torch.argmax(r + gamma * (p_mean @ v), dim=1).numpy()


@correct("uncertainty_aware_value_iteration", "fixed number of sweeps from the largest effective reward")
def uncertainty_aware_value_iteration_fixed_sweeps(P, R, gamma, beta, tol):
    M = P.shape[0]
    mean_P = sum(P[m] for m in range(M)) / M
    tv = sum(np.maximum(P[m] - mean_P, 0).sum(-1) for m in range(M)) / M
    Rb = np.mean(R, 0) + beta * (np.sqrt(np.var(R, 0)) + tv)
    biggest = np.abs(Rb).max()
    if gamma == 0 or biggest == 0:
        n = 1
    else:
        n = 2 + max(0, int(np.log(0.1 * tol * (1 - gamma) / biggest) / np.log(gamma)))
    V = np.zeros(Rb.shape[0])
    for _ in range(n):
        V = np.max(Rb + gamma * np.tensordot(mean_P, V, axes=(2, 0)), axis=1)
    Q = Rb + gamma * np.tensordot(mean_P, V, axes=(2, 0))
    return V, Q.shape[1] - 1 - Q[:, ::-1].argmax(axis=1)


@correct("uncertainty_aware_value_iteration", "pure Python lists")
def uncertainty_aware_value_iteration_pure_python(P, R, gamma, beta, tol):
    P, R = P.tolist(), R.tolist()
    M, S, A = len(R), len(R[0]), len(R[0][0])
    mean_P = [[[sum(P[m][s][a][t] for m in range(M)) / M for t in range(S)] for a in range(A)] for s in range(S)]
    reward = [[0.0] * A for _ in range(S)]
    for s in range(S):
        for a in range(A):
            rs = [R[m][s][a] for m in range(M)]
            mu = sum(rs) / M
            sd = (sum((r - mu) ** 2 for r in rs) / M) ** 0.5
            tv = sum(abs(P[m][s][a][t] - mean_P[s][a][t]) for m in range(M) for t in range(S)) / (2 * M)
            reward[s][a] = mu + beta * (sd + tv)
    V = [0.0] * S
    while True:
        Q = [[reward[s][a] + gamma * sum(map(lambda p, v: p * v, mean_P[s][a], V)) for a in range(A)] for s in range(S)]
        if max(abs(max(Q[s]) - V[s]) for s in range(S)) <= tol * (1 - gamma):
            return V, [q.index(max(q)) for q in Q]
        V = [max(q) for q in Q]


@correct("uncertainty_aware_value_iteration", "modified policy iteration, middle of the bounds, random among ties")
def uncertainty_aware_value_iteration_modified(P, R, gamma, beta, tol):
    rng = np.random.default_rng()
    mean = P.mean(0)
    reward = R.mean(0) + beta * (R.std(0) + np.abs(P - mean[None]).sum(-1).mean(0) / 2)
    S = len(reward)
    V = np.full(S, reward.min() / (1 - gamma))
    while True:
        Q = reward + gamma * mean @ V
        best = Q.max(1)
        d = best - V
        if (d.max() - d.min()) * gamma / (1 - gamma) < tol:
            break
        choice = Q.argmax(1)
        V = best
        for _ in range(10):
            V = reward[np.arange(S), choice] + gamma * mean[np.arange(S), choice] @ V
    V = best + (d.max() + d.min()) / 2 * gamma / (1 - gamma)
    Q = reward + gamma * mean @ V
    return V, [int(rng.choice(np.flatnonzero(q == q.max()))) for q in Q]


@correct("uncertainty_aware_value_iteration", "averages the members' backups instead of the members")
def uncertainty_aware_value_iteration_average_backups(P, R, gamma, beta, tol):
    M = len(P)
    centre = np.average(P, axis=0)
    u = np.sqrt(np.mean((R - R.mean(axis=0)) ** 2, axis=0)) + np.mean(0.5 * np.sum(np.abs(P - centre), axis=3), axis=0)

    def backup(V):
        return sum(R[m] + gamma * P[m] @ V for m in range(M)) / M + beta * u

    V = np.zeros(P.shape[1])
    change = np.inf
    while change >= (1 - gamma) * tol / 2:
        V_new = backup(V).max(axis=1)
        change = np.abs(V_new - V).max()
        V = V_new
    return V, backup(V).argmax(axis=1)


@correct("uncertainty_aware_value_iteration", "caller's arrays overwritten, all members used in one einsum")
def uncertainty_aware_value_iteration_in_place(P, R, gamma, beta, tol):
    M, S, A, _ = P.shape
    spread = R.std(axis=0)
    reward = R.mean(axis=0)
    mean = P.mean(axis=0)
    P -= mean
    spread += np.einsum("msat->sa", np.fabs(P)) / (2 * M)
    spread *= beta
    reward += spread
    mean *= gamma
    low = np.full(S, reward.min() / (1 - gamma))
    high = np.full(S, reward.max() / (1 - gamma))
    while np.any(high - low > tol):
        low = np.einsum("sat,t->sa", mean, low).__iadd__(reward).max(axis=1)
        high = np.einsum("sat,t->sa", mean, high).__iadd__(reward).max(axis=1)
    V = 0.5 * low + 0.5 * high
    return V, (reward + mean @ V).argmax(axis=1).astype(float)


@correct("uncertainty_aware_value_iteration", "rough sweeps polished by exact solves of the greedy policy")
def uncertainty_aware_value_iteration_polish(P, R, gamma, beta, tol):
    mean_P = np.mean(P, axis=0)
    std_R = np.std(R, axis=0)
    tv = np.zeros_like(std_R)
    for member in P:
        tv += np.abs(member - mean_P).sum(axis=2) / 2 / len(P)
    r = np.mean(R, axis=0) + beta * std_R + beta * tv
    S = r.shape[0]
    V = r.max(axis=1)
    for _ in range(200):
        for _ in range(5):
            V = np.max(r + gamma * mean_P @ V, axis=1)
        pi = np.argmax(r + gamma * mean_P @ V, axis=1)
        V = np.linalg.inv(np.eye(S) - gamma * mean_P[np.arange(S), pi]) @ r[np.arange(S), pi]
        Q = r + gamma * mean_P @ V
        if np.abs(Q.max(axis=1) - V).max() <= 0.1 * tol * (1 - gamma):
            break
    return V, Q.argmax(axis=1).astype(np.int32)


@correct("uncertainty_aware_value_iteration", "two small classes and a work on a copy with a message on stderr")
def uncertainty_aware_value_iteration_class(P, R, gamma, beta, tol):
    import sys

    class Ensemble:
        def __init__(self, P, R):
            self.mean_P = P.mean(axis=0)
            self.mean_R = R.mean(axis=0)
            self.tv = np.linalg.norm(P - self.mean_P, ord=1, axis=-1).mean(axis=0) / 2
            self.sd = R.std(axis=0)

        def reward(self):
            return self.mean_R + beta * (self.sd + self.tv)

    class Solver:
        def __init__(self, ensemble):
            self.P, self.R = ensemble.mean_P, ensemble.reward()

        def q(self, V):
            return self.R + gamma * self.P.dot(V)

        def solve(self):
            V, k = self.R.max(1), 0
            error = np.inf
            while error > tol:
                new = self.q(V).max(1)
                error = np.abs(new - V).max() * gamma / (1 - gamma)
                V, k = new, k + 1
            print("sweeps:", k, file=sys.stderr)
            return V, self.q(V).argmax(1)

    return Solver(Ensemble(P, R)).solve()


# ---------------------------------------------------------------------------------------- robust_value_iteration


@correct("robust_value_iteration", "one matmul over all members, min then max")
def robust_value_iteration_matmul(P, R, gamma, tol):
    V = np.zeros(P.shape[1])
    while True:
        V_new = (R + gamma * P @ V).min(axis=0).max(axis=1)
        converged = np.abs(V_new - V).max() <= tol * (1 - gamma)
        V = V_new
        if converged:
            break
    return V, (R + gamma * P @ V).min(axis=0).argmax(axis=1)


@correct("robust_value_iteration", "loops over states, actions and members")
def robust_value_iteration_loops(P, R, gamma, tol):
    M, S, A = R.shape
    V = np.zeros(S)
    policy = np.zeros(S, dtype=int)

    def worst_case(s, a, V):
        worst = math.inf
        for m in range(M):
            worst = min(worst, R[m, s, a] + gamma * np.sum(P[m, s, a] * V))
        return worst

    delta = math.inf
    while delta > tol * (1 - gamma) / 2:
        new = np.zeros(S)
        for s in range(S):
            new[s] = max(worst_case(s, a, V) for a in range(A))
        delta = max(abs(new - V))
        V = new
    for s in range(S):
        policy[s] = np.argmax([worst_case(s, a, V) for a in range(A)])
    return V, policy


@correct("robust_value_iteration", "Gauss-Seidel sweeps, last maximiser, list of results")
def robust_value_iteration_gauss_seidel(P, R, gamma, tol):
    S = P.shape[1]
    V = np.zeros(S)
    while True:
        change = 0.0
        for s in range(S):
            value = np.min(R[:, s] + gamma * P[:, s] @ V, axis=0).max()
            change = max(change, abs(value - V[s]))
            V[s] = value
        if change <= 0.5 * tol * (1 - gamma):
            break
    policy = []
    for s in range(S):
        q = np.min(R[:, s] + gamma * P[:, s] @ V, axis=0)
        policy.append(int(np.flatnonzero(q == q.max())[-1]))
    return [V, policy]


@correct("robust_value_iteration", "fixed number of sweeps with einsum")
def robust_value_iteration_fixed_sweeps(P, R, gamma, tol):
    scale = max(np.max(np.abs(R)), tol)
    with np.errstate(divide="ignore"):
        sweeps = int(np.ceil(np.log(0.2 * tol * (1 - gamma) / scale) / np.log(np.float64(gamma)))) + 1
    V = np.zeros(R.shape[1])
    for _ in range(sweeps):
        V = np.einsum("msat,t->msa", P, gamma * V).__add__(R).min(0).max(1)
    Q = (R + np.einsum("msat,t->msa", P, gamma * V)).min(0)
    return V, Q.argmax(1).astype(np.int32)


@correct("robust_value_iteration", "policy iteration against an adversary solved exactly")
def robust_value_iteration_adversary(P, R, gamma, tol):
    M, S, A = R.shape
    idx = np.arange(S)

    def worst_value(policy):
        member = np.zeros(S, dtype=int)
        for _ in range(200):
            V = np.linalg.solve(np.eye(S) - gamma * P[member, idx, policy], R[member, idx, policy])
            q = R[:, idx, policy] + gamma * P[:, idx, policy] @ V
            better = q.min(axis=0) < q[member, idx] - 1e-14 * np.abs(V).max()
            if not better.any():
                break
            member = np.where(better, q.argmin(axis=0), member)
        return V

    policy = np.zeros(S, dtype=int)
    for _ in range(200):
        V = worst_value(policy)
        Q = (R + gamma * P @ V).min(axis=0)
        better = Q.max(axis=1) > Q[idx, policy] + 1e-14 * np.abs(V).max()
        if not better.any():
            break
        policy = np.where(better, Q.argmax(axis=1), policy)
    return V, Q.argmax(axis=1)


@correct("robust_value_iteration", "span bounds, V corrected to the middle")
def robust_value_iteration_span(P, R, gamma, tol):
    def robust_q(V):
        return np.min([r + gamma * p.dot(V) for p, r in zip(P, R, strict=True)], axis=0)

    V = np.zeros(P.shape[-1])
    c = gamma / (1 - gamma)
    while True:
        TV = robust_q(V).max(axis=1)
        d = TV - V
        V = TV
        if c * np.ptp(d) <= tol:
            break
    V = V + c * (d.max() + d.min()) / 2
    return V, robust_q(V).argmax(axis=1)


@correct("robust_value_iteration", "torch in double precision")
def robust_value_iteration_torch(P, R, gamma, tol):
    p, r = torch.from_numpy(P), torch.from_numpy(R)

    def q_of(v):
        return (r + gamma * torch.einsum("msat,t->msa", p, v)).amin(dim=0)

    v = torch.zeros(p.shape[1], dtype=torch.float64)
    while True:
        q = q_of(v)
        if float((q.max(dim=1).values - v).abs().max()) <= tol * (1 - gamma):
            return v.numpy(), q.max(dim=1).indices.numpy()
        v = q.max(dim=1).values


@correct("robust_value_iteration", "pure Python lists")
def robust_value_iteration_pure_python(P, R, gamma, tol):
    P, R = P.tolist(), R.tolist()
    members, states, actions = range(len(R)), range(len(R[0])), range(len(R[0][0]))

    def q(V, s, a):
        return min(R[m][s][a] + gamma * sum([p * v for p, v in zip(P[m][s][a], V, strict=True)]) for m in members)

    V = [0.0 for s in states]
    gap = 1 + tol
    while gap > tol:
        W = [max(q(V, s, a) for a in actions) for s in states]
        gap = max(abs(W[s] - V[s]) for s in states) / (1 - gamma)
        V = W
    return V, tuple(max((q(V, s, a), a) for a in actions)[1] for s in states)


@correct("robust_value_iteration", "running minimum over members, random among ties")
def robust_value_iteration_running_minimum(P, R, gamma, tol):
    M = P.shape[0]

    def robust_backup(V):
        Q = np.full(R.shape[1:], np.inf)
        for m in range(M):
            np.minimum(Q, R[m] + gamma * np.tensordot(P[m], V, axes=1), out=Q)
        return Q

    V = np.zeros(P.shape[1])
    threshold = tol * (1 - gamma) / (2 * gamma) if gamma else np.inf
    error = None
    while error is None or error > threshold:
        new = robust_backup(V).max(axis=1)
        error = np.abs(new - V).max()
        V = new
    Q = robust_backup(V)
    return V, np.array([np.random.choice(np.where(Q[s] == np.max(Q[s]))[0]) for s in range(len(V))])


@correct("robust_value_iteration", "modified policy iteration against the worst member")
def robust_value_iteration_modified(P, R, gamma, tol):
    S = R.shape[1]
    idx = np.arange(S)
    V = np.full(S, R.min() / (1 - gamma))
    while True:
        Q = np.amin(R + gamma * np.matmul(P, V), axis=0)
        pi = np.argmax(Q, axis=1)
        if np.max(np.abs(Q[idx, pi] - V)) <= tol * (1 - gamma):
            return V, pi
        V = Q[idx, pi]
        P_pi, R_pi = P[:, idx, pi], R[:, idx, pi]
        for _ in range(25):
            V = np.amin(R_pi + gamma * P_pi @ V, axis=0)


@correct("robust_value_iteration", "upper and lower bounds, caller's P scaled in place, masked array for the minimum")
def robust_value_iteration_bounds(P, R, gamma, tol):
    P *= gamma
    S = P.shape[1]

    def worst(V):
        backups = np.ma.array(R + P @ V)
        return np.ma.getdata(backups.min(axis=0))

    bounds = [np.repeat(R.min() / (1 - gamma), S), np.repeat(R.max() / (1 - gamma), S)]
    while np.max(bounds[1] - bounds[0]) > tol:
        bounds = [worst(b).max(axis=1) for b in bounds]
    V = sum(bounds) / 2
    return V, worst(V).argmax(axis=1).astype(float)


@correct("robust_value_iteration", "chooses the members explicitly with argmin and gathers their backups")
def robust_value_iteration_gather(P, R, gamma, tol):
    M, S, A = R.shape
    s, a = np.ogrid[:S, :A]

    def q(V):
        everything = R + gamma * (P.reshape(M * S * A, S) @ V).reshape(M, S, A)
        nature = np.argmin(everything, axis=0)
        return everything[nature, s, a]

    V = R.min(axis=0).max(axis=1)
    for k in range(10**6):
        new = q(V).max(axis=1)
        stop = np.linalg.norm(new - V, np.inf) < tol * (1 - gamma)
        V = new
        if stop:
            print("robust value iteration stopped after", k, "sweeps")
            break
    return V, q(V).argmax(axis=1)


@correct("robust_value_iteration", "dictionaries of the possible successors, states swept backwards in place")
def robust_value_iteration_dictionaries(P, R, gamma, tol):
    M, S, A = R.shape
    V = {s: 0.0 for s in range(S)}
    successors = {
        (m, s, a): [(t, p) for t, p in enumerate(P[m, s, a].tolist()) if p]
        for m in range(M)
        for s in range(S)
        for a in range(A)
    }

    def worst(s, a):
        return min(R[m, s, a] + gamma * sum(p * V[t] for t, p in successors[m, s, a]) for m in range(M))

    change = 1.0 + tol
    while change > tol * (1 - gamma) / 2:
        change = 0.0
        for s in reversed(range(S)):
            value = max(worst(s, a) for a in range(A))
            change, V[s] = max(change, abs(value - V[s])), value
    return [V[s] for s in range(S)], [max(range(A), key=lambda a: worst(s, a)) for s in range(S)]


# ---------------------------------------------------------------------------------------------- policy_gradient


@correct("policy_gradient", "policy-gradient theorem: occupancy from the transposed solve")
def policy_gradient_theorem(theta, P, R, gamma, start):
    S = len(start)
    z = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi = z / z.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,sat->st", pi, P)
    V = np.linalg.solve(np.eye(S) - gamma * P_pi, (pi * R).sum(axis=1))
    Q = R + gamma * P @ V
    d = np.linalg.solve((np.eye(S) - gamma * P_pi).T, start)
    return d[:, None] * pi * (Q - V[:, None])


@correct("policy_gradient", "autograd through a linear solve in float64")
def policy_gradient_autograd(theta, P, R, gamma, start):
    t = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    p, r, d0 = torch.tensor(P), torch.tensor(R), torch.tensor(start)
    pi = torch.softmax(t, dim=1)
    P_pi = torch.einsum("sa,sat->st", pi, p)
    V = torch.linalg.solve(torch.eye(len(d0), dtype=torch.float64) - gamma * P_pi, (pi * r).sum(1))
    (d0 @ V).backward()
    return t.grad.numpy()


@correct("policy_gradient", "explicit inverse and the softmax Jacobian of every state")
def policy_gradient_jacobian(theta, P, R, gamma, start):
    S, A = theta.shape
    pi = np.exp(theta - np.max(theta, axis=1)[:, None])
    pi = pi / np.sum(pi, axis=1)[:, None]
    P_pi = np.array([pi[s] @ P[s] for s in range(S)])
    R_pi = np.array([pi[s] @ R[s] for s in range(S)])
    G = np.linalg.inv(np.eye(S) - gamma * P_pi)
    V = G @ R_pi
    occupancy = start @ G
    gradient = np.zeros((S, A))
    for s in range(S):
        q = R[s] + gamma * P[s] @ V - V[s]
        jacobian = np.diag(pi[s]) - np.outer(pi[s], pi[s])
        gradient[s] = occupancy[s] * jacobian @ q
    return gradient


@correct("policy_gradient", "derivative of each parameter on its own, forward mode")
def policy_gradient_forward_mode(theta, P, R, gamma, start):
    S, A = theta.shape
    e = np.exp(theta - theta.max(1, keepdims=True))
    pi = e / e.sum(1, keepdims=True)
    M = np.eye(S) - gamma * (pi[:, :, None] * P).sum(1)
    V = np.linalg.solve(M, (pi * R).sum(1))
    gradient = np.empty((S, A))
    for s in range(S):
        for a in range(A):
            dpi = -pi[s, a] * pi[s]
            dpi[a] += pi[s, a]
            rhs = np.zeros(S)
            rhs[s] = dpi @ (R[s] + gamma * P[s] @ V - V[s])
            gradient[s, a] = start @ np.linalg.solve(M, rhs)
    return gradient


@correct("policy_gradient", "complex step on the objective, exact to rounding")
def policy_gradient_complex_step(theta, P, R, gamma, start):
    S, A = theta.shape
    top = theta.max(axis=1, keepdims=True)
    shifted_R = R - R.mean()

    def objective(t):
        w = np.exp(t - top)
        pi = w / w.sum(axis=1, keepdims=True)
        P_pi = np.einsum("sa,sat->st", pi, P)
        return start @ np.linalg.solve(np.eye(S) - gamma * P_pi, np.sum(pi * shifted_R, axis=1))

    h = 1e-30
    gradient = np.zeros((S, A))
    for s in range(S):
        for a in range(A):
            t = theta.astype(complex)
            t[s, a] += 1j * h
            gradient[s, a] = objective(t).imag / h
    return gradient


@correct("policy_gradient", "torch.func.grad of a functional objective, log-softmax")
def policy_gradient_func_grad(theta, P, R, gamma, start):
    p, r, mu = (torch.from_numpy(x) for x in (P, R, start))

    def J(t):
        pi = torch.log_softmax(t, dim=-1).exp()
        A = torch.eye(p.shape[0], dtype=p.dtype) - gamma * (pi.unsqueeze(-1) * p).sum(dim=1)
        return mu @ torch.linalg.inv(A) @ (pi * r).sum(dim=-1)

    return torch.func.grad(J)(torch.from_numpy(theta)).numpy()


@correct("policy_gradient", "loops, series summed to convergence, nested lists")
def policy_gradient_series(theta, P, R, gamma, start):
    S, A = theta.shape
    pi = []
    for s in range(S):
        weights = [math.exp(x - max(theta[s])) for x in theta[s]]
        pi.append([w / sum(weights) for w in weights])
    P_pi = np.zeros((S, S))
    r_pi = np.zeros(S)
    for s in range(S):
        for a in range(A):
            P_pi[s] += pi[s][a] * P[s, a]
            r_pi[s] += pi[s][a] * R[s, a]
    V, visits, term_v, term_d = np.zeros(S), np.zeros(S), r_pi.copy(), start.copy()
    discount = 1.0
    while discount > 1e-18 * (1 - gamma):
        V += discount * term_v
        visits += discount * term_d
        term_v, term_d = P_pi @ term_v, term_d @ P_pi
        discount *= gamma
    return [[visits[s] * pi[s][a] * (R[s, a] + gamma * P[s, a] @ V - V[s]) for a in range(A)] for s in range(S)]


@correct("policy_gradient", "Q over state-action pairs and state-action occupancies")
def policy_gradient_state_action(theta, P, R, gamma, start):
    S, A = theta.shape
    theta -= theta.max(axis=1)[:, np.newaxis]
    pi = np.exp(theta) / np.exp(theta).sum(axis=1)[:, np.newaxis]
    K = (P[:, :, :, None] * pi[None, None]).reshape(S * A, S * A)
    system = np.eye(S * A) - gamma * K
    Q = np.linalg.solve(system, R.ravel()).reshape(S, A)
    rho = np.linalg.solve(system.T, (start[:, None] * pi).ravel()).reshape(S, A)
    advantage = Q - (pi * Q).sum(axis=1, keepdims=True)
    return np.asfortranarray(rho * advantage)


@correct("policy_gradient", "autograd through long unrolled policy evaluation")
def policy_gradient_unrolled(theta, P, R, gamma, start):
    t = torch.from_numpy(theta).requires_grad_()
    pi = t.softmax(dim=1)
    p = torch.matmul(pi.unsqueeze(1), torch.from_numpy(P)).squeeze(1)
    r = (pi * torch.from_numpy(R)).sum(dim=1)
    steps = 1 if gamma == 0 else math.ceil(math.log(1e-18 * (1 - gamma) ** 2) / math.log(gamma))
    v = torch.zeros_like(r)
    for _ in range(steps):
        v = r + gamma * (p @ v)
    (grad,) = torch.autograd.grad(torch.dot(torch.from_numpy(start), v), t)
    return grad.detach().numpy()


@correct("policy_gradient", "derivative of the inverse matrix, all parameters in one einsum")
def policy_gradient_inverse_derivative(theta, P, R, gamma, start):
    S, A = theta.shape
    theta = theta - theta.max(axis=1, keepdims=True)
    pi = np.exp(theta - np.logaddexp.reduce(theta, axis=1, keepdims=True))
    softmax_jacobian = np.einsum("sb,ab->sab", pi, np.eye(A)) - np.einsum("sa,sb->sab", pi, pi)
    dP = np.einsum("sab,sbt->sat", softmax_jacobian, P)
    dR = np.einsum("sab,sb->sa", softmax_jacobian, R)
    N = np.linalg.inv(np.identity(S) - gamma * np.einsum("sa,sat->st", pi, P))
    V = N.dot(np.einsum("sa,sa->s", pi, R))
    return np.einsum("u,us,sa->sa", start, N, dR + gamma * dP.dot(V), optimize=True)


@correct("policy_gradient", "torch jacfwd of the state values, then the start distribution")
def policy_gradient_jacfwd(theta, P, R, gamma, start):
    p, r = torch.as_tensor(P), torch.as_tensor(R)
    eye = torch.eye(p.shape[0], dtype=torch.float64)

    def values(t):
        pi = torch.softmax(t, -1)
        return torch.linalg.solve(eye - gamma * torch.einsum("ij,ijk->ik", pi, p), torch.einsum("ij,ij->i", pi, r))

    jacobian = torch.func.jacfwd(values)(torch.as_tensor(theta))
    return torch.tensordot(torch.as_tensor(start), jacobian, dims=1).numpy()


@correct("policy_gradient", "np.matrix for the solves, occupancies normalised and scaled back")
def policy_gradient_matrix(theta, P, R, gamma, start):
    S, A = theta.shape
    pi = np.zeros((S, A))
    for s in range(S):
        exps = np.exp(theta[s] - np.max(theta[s]))
        pi[s] = exps / exps.sum()
    transition = np.matrix(np.zeros((S, S)))
    for a in range(A):
        transition += np.matrix(np.diag(pi[:, a])) * np.matrix(P[:, a, :])
    resolvent = (np.matrix(np.eye(S)) - gamma * transition).I
    V = (resolvent * np.matrix((pi * R).sum(axis=1)).T).A1
    d = (1 - gamma) * (np.matrix(start) * resolvent).A1
    gradient = []
    for s in range(S):
        q = R[s] + gamma * P[s] @ V
        baseline = np.dot(pi[s], q)
        gradient.append(tuple(d[s] / (1 - gamma) * pi[s, a] * (q[a] - baseline) for a in range(A)))
    return tuple(gradient)


@correct("policy_gradient", "reverse mode by hand, from the objective back to theta")
def policy_gradient_adjoint(theta, P, R, gamma, start):
    S, A = theta.shape
    e = np.exp(theta - theta.max(axis=1, keepdims=True))
    total = e.sum(axis=1, keepdims=True)
    pi = e / total
    reward = R - R.mean()
    M = np.eye(S) - gamma * np.sum(pi[..., None] * P, axis=1)
    V = np.linalg.solve(M, np.sum(pi * reward, axis=1))
    b_bar = np.linalg.solve(M.T, start)
    M_bar = -np.outer(b_bar, V)
    pi_bar = b_bar[:, None] * reward - gamma * np.einsum("st,sat->sa", M_bar, P)
    return pi * (pi_bar - np.sum(pi * pi_bar, axis=1, keepdims=True))


@correct("policy_gradient", "backward recursion of the gradient itself, state by state of the Bellman equation")
def policy_gradient_recursion(theta, P, R, gamma, start):
    S, A = theta.shape
    logits = theta - theta.max(axis=-1, keepdims=True)
    pi = np.exp(logits) / np.sum(np.exp(logits), axis=-1, keepdims=True)
    P_pi = np.einsum("ij,ijk->ik", pi, P)
    V = np.linalg.lstsq(np.eye(S) - gamma * P_pi, np.einsum("ij,ij->i", pi, R), rcond=None)[0]
    local = np.zeros((S, S, A))
    local[np.arange(S), np.arange(S)] = pi * (R + gamma * P @ V - V[:, None])
    grad_V = np.linalg.solve(np.eye(S) - gamma * P_pi, local.reshape(S, S * A))
    return (start @ grad_V).reshape(S, A)


@correct("policy_gradient", "values and their derivatives iterated to convergence, one after the other")
def policy_gradient_iterated_derivatives(theta, P, R, gamma, start):
    S, A = R.shape
    pi = np.exp(theta - theta.max(axis=1)[:, None])
    pi /= pi.sum(axis=1)[:, None]
    P_pi, r = np.einsum("sa,sat->st", pi, P), (pi * R).sum(axis=1)
    sweeps = 1 if gamma == 0 else int(math.log(1e-13) / math.log(gamma)) + 2
    V, slopes = np.zeros(S), np.zeros((S, S, A))
    for _ in range(sweeps):
        V = r + gamma * P_pi @ V
    Q = R + gamma * P @ V
    own = pi * (Q - (pi * Q).sum(axis=1)[:, None])
    for _ in range(sweeps):
        slopes = gamma * np.einsum("st,tua->sua", P_pi, slopes)
        slopes[np.arange(S), np.arange(S)] += own
    return np.tensordot(start, slopes, axes=1)


# --------------------------------------------------------------------------------------- batched_value_iteration


@correct("batched_value_iteration", "einsum and max over the last axis")
def batched_value_iteration_einsum(P, R, gamma, num_iterations):
    V = torch.zeros(R.shape[:2], dtype=R.dtype, device=R.device)
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsat,bt->bsa", P, V)).max(dim=-1).values
    return V


@correct("batched_value_iteration", "bmm on flattened pairs, new_zeros, amax")
def batched_value_iteration_bmm(P, R, gamma, num_iterations):
    B, S, A, _ = P.shape
    flat = P.reshape(B, S * A, S)
    V = P.new_zeros(B, S)
    for _ in range(num_iterations):
        V = torch.amax(R + gamma * torch.bmm(flat, V.unsqueeze(-1)).view(B, S, A), dim=2)
    return V


@correct("batched_value_iteration", "broadcast matmul with gamma folded into P beforehand")
def batched_value_iteration_matmul(P, R, gamma, num_iterations):
    discounted = P * gamma
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V, _ = torch.max(R + (discounted @ V[:, None, :, None]).squeeze(-1), dim=-1)
    return V


@correct("batched_value_iteration", "one problem of the batch after the other, stacked")
def batched_value_iteration_per_problem(P, R, gamma, num_iterations):
    results = []
    for b in range(P.shape[0]):
        v = torch.zeros(P.shape[1], dtype=P.dtype, device=P.device)
        for _ in range(num_iterations):
            v = torch.max(R[b] + gamma * torch.matmul(P[b], v), dim=1)[0]
        results.append(v)
    return torch.stack(results)


@correct("batched_value_iteration", "loops over states and actions, list of columns")
def batched_value_iteration_per_state(P, R, gamma, num_iterations):
    B, S, A = R.shape
    V = torch.zeros((B, S), device=P.device, dtype=P.dtype)
    for _ in range(num_iterations):
        columns = []
        for s in range(S):
            best = R[:, s, 0] + gamma * (P[:, s, 0] * V).sum(dim=1)
            for a in range(1, A):
                best = torch.maximum(best, R[:, s, a] + gamma * (P[:, s, a] * V).sum(dim=1))
            columns.append(best)
        V = torch.stack(columns, dim=1)
    return V


@correct("batched_value_iteration", "torch.vmap over a single-problem sweep")
def batched_value_iteration_vmap(P, R, gamma, num_iterations):
    def sweep(p, r, v):
        return (r + gamma * (p @ v)).amax(dim=-1)

    batched = torch.vmap(sweep)
    V = torch.zeros_like(R).sum(dim=-1)
    for _ in range(num_iterations):
        V = batched(P, R, V)
    return V


@correct("batched_value_iteration", "preallocated buffers, copy_ and out= under no_grad")
def batched_value_iteration_buffers(P, R, gamma, num_iterations):
    with torch.no_grad():
        V = torch.empty_like(R[:, :, 0]).zero_()
        Q = torch.empty_like(R)
        for _ in range(num_iterations):
            torch.sum(P * V[:, None, None, :], dim=-1, out=Q)
            Q.mul_(gamma).add_(R)
            V.copy_(Q.amax(dim=-1))
    return V


@correct("batched_value_iteration", "gamma as a tensor on the device, topk for the maximum")
def batched_value_iteration_gamma_tensor(P, R, gamma, num_iterations):
    with torch.no_grad():
        discount = torch.tensor(gamma, device=P.device, dtype=P.dtype)
        V = torch.zeros(P.size(0), P.size(1)).to(P)
        for _ in range(num_iterations):
            future = torch.matmul(P, V.view(P.size(0), 1, P.size(1), 1)).squeeze(3)
            Q = torch.addcmul(R, discount, future)
            V = Q.topk(1, dim=2).values[..., 0]
    return V


@correct("batched_value_iteration", "keeps the whole history and returns its last entry")
def batched_value_iteration_history(P, R, gamma, num_iterations):
    history = [torch.full(R.shape[:-1], 0.0, dtype=R.dtype, device=R.device)]
    while len(history) <= num_iterations:
        q = torch.stack(
            [R[:, :, a] + gamma * torch.einsum("bij,bj->bi", P[:, :, a], history[-1]) for a in range(R.shape[2])]
        )
        history.append(q.max(dim=0).values)
    return history[-1]


@correct("batched_value_iteration", "functools.reduce with baddbmm, gathering the best action's backup")
def batched_value_iteration_reduce(P, R, gamma, num_iterations):
    from functools import reduce

    B, S, A, _ = P.shape
    rewards = R.reshape(B, S * A, 1)
    kernel = P.reshape(B, S * A, S)

    def sweep(V, _):
        Q = torch.baddbmm(rewards, kernel, V.unsqueeze(2), beta=1, alpha=gamma).reshape(B, S, A)
        return Q.gather(2, Q.argmax(dim=2, keepdim=True)).squeeze(2)

    return reduce(sweep, range(num_iterations), R.new_zeros((B, S)))


@correct("batched_value_iteration", "tensors split into problems with unbind, updated in the caller's memory")
def batched_value_iteration_in_place(P, R, gamma, num_iterations):
    P.mul_(gamma)
    V = torch.zeros(R.shape[0], R.shape[1], dtype=R.dtype, device=R.device)
    for _ in range(num_iterations):
        old = V.clone()
        for p, r, v, target in zip(P.unbind(0), R.unbind(0), old.unbind(0), V.unbind(0), strict=True):
            target[:] = (r + torch.tensordot(p, v, dims=1)).max(dim=-1)[0]
    return V


@correct("batched_value_iteration", "torch module with buffers, recursion over halves of the sweeps")
def batched_value_iteration_module(P, R, gamma, num_iterations):
    class Sweep(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("P", P)
            self.register_buffer("R", R)

        def forward(self, V):
            return torch.sort(self.R + gamma * torch.einsum("...sat,...t->...sa", self.P, V), dim=-1)[0][..., -1]

    sweep = Sweep()

    def repeat(V, n):
        if n == 0:
            return V
        if n == 1:
            return sweep(V)
        return repeat(repeat(V, n // 2), n - n // 2)

    return repeat(torch.zeros_like(R[:, :, 0]), num_iterations)


@correct("batched_value_iteration", "one large block-diagonal problem")
def batched_value_iteration_block_diagonal(P, R, gamma, num_iterations):
    B, S, A = R.shape
    rows = torch.zeros(B * S * A, B * S, dtype=P.dtype, device=P.device)
    for b in range(B):
        rows[b * S * A : (b + 1) * S * A, b * S : (b + 1) * S] = P[b].reshape(S * A, S)
    V = torch.zeros(B * S, dtype=P.dtype, device=P.device)
    for _ in range(num_iterations):
        V = (R.reshape(-1) + gamma * rows.mv(V)).reshape(B * S, A).max(1)[0]
    return V.reshape(B, S)


@correct("batched_value_iteration", "a running maximum over actions, V from a column of P times 0")
def batched_value_iteration_running_maximum(P, R, gamma, num_iterations):
    V = P[:, :, 0, 0] * 0
    for _ in range(num_iterations):
        columns = [R[:, :, a] + gamma * torch.bmm(P[:, :, a], V.unsqueeze(-1)).squeeze(-1) for a in range(R.shape[2])]
        V = columns[0]
        for column in columns[1:]:
            V = torch.maximum(V, column)
    return V
