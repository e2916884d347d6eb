"""Known mistakes of unit 1, second part: the functions on predictions with uncertainty and on neural networks."""

import math

import numpy as np
import torch

from autograder.properties.entries import collection
from solutions.environment_models import gaussian_nll

mistakes, mistake = collection()

# ------------------------------------------------------------------------------------------------- gaussian_nll


@mistake("gaussian_nll", "the constant log(2 pi) / 2 is left out")
def gaussian_nll_drops_the_constant(mean, log_var, target):
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var).sum(-1).mean()


@mistake("gaussian_nll", "the constant is counted once for a row and not for every column")
def gaussian_nll_counts_the_constant_once(mean, log_var, target):
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var).sum(-1).mean() + 0.5 * math.log(2 * math.pi)


@mistake("gaussian_nll", "the constant is log(2 pi) and not half of it")
def gaussian_nll_doubles_the_constant(mean, log_var, target):
    return (0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var) + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the factor one half is missing everywhere")
def gaussian_nll_forgets_the_half(mean, log_var, target):
    return ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the half stands only before the squared error, not before log_var")
def gaussian_nll_forgets_the_half_of_log_var(mean, log_var, target):
    squares = 0.5 * (target - mean) ** 2 * torch.exp(-log_var)
    return (squares + log_var + 0.5 * math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the columns are averaged as well and not summed")
def gaussian_nll_averages_the_columns(mean, log_var, target):
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).mean()


@mistake("gaussian_nll", "the rows are summed as well and not averaged")
def gaussian_nll_sums_the_rows(mean, log_var, target):
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum()


@mistake("gaussian_nll", "rows and columns are exchanged: the rows are summed and the columns averaged")
def gaussian_nll_exchanges_the_axes(mean, log_var, target):
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(0).mean()


@mistake("gaussian_nll", "log_var is taken for the logarithm of the standard deviation")
def gaussian_nll_takes_log_std(mean, log_var, target):
    return (0.5 * (target - mean) ** 2 * torch.exp(-2 * log_var) + log_var + 0.5 * math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the error is divided by the standard deviation and not by the variance")
def gaussian_nll_divides_by_the_deviation(mean, log_var, target):
    squares = (target - mean) ** 2 * torch.exp(-0.5 * log_var)
    return 0.5 * (squares + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "log_var is taken for the variance itself")
def gaussian_nll_takes_the_variance(mean, log_var, target):
    variance = log_var.abs() + 1e-6
    return 0.5 * ((target - mean) ** 2 / variance + variance.log() + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the error is multiplied by the variance and not divided by it")
def gaussian_nll_multiplies_by_the_variance(mean, log_var, target):
    return 0.5 * ((target - mean) ** 2 * torch.exp(log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the log-likelihood is returned with its sign, not the negative one")
def gaussian_nll_has_the_wrong_sign(mean, log_var, target):
    return -0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "log_var is left out except as a weight of the errors")
def gaussian_nll_forgets_log_var(mean, log_var, target):
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the variance is ignored: it is half the squared error with a constant")
def gaussian_nll_ignores_the_variance(mean, log_var, target):
    return 0.5 * ((target - mean) ** 2 + math.log(2 * math.pi)).sum(-1).mean() + 0.0 * log_var.sum()


@mistake("gaussian_nll", "absolute errors are used in place of squared ones")
def gaussian_nll_uses_absolute_errors(mean, log_var, target):
    return 0.5 * ((target - mean).abs() * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "log_var is clamped to the range from -10 to 2")
def gaussian_nll_clamps_log_var(mean, log_var, target):
    log_var = log_var.clamp(-10, 2)
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "a small number is added to the variance")
def gaussian_nll_adds_an_epsilon(mean, log_var, target):
    variance = log_var.exp() + 1e-6
    return 0.5 * ((target - mean) ** 2 / variance + variance.log() + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the variance is detached, so that nothing can be learnt about it")
def gaussian_nll_detaches_the_variance(mean, log_var, target):
    log_var = log_var.detach()
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the weight of the error is detached, as in some variants of the loss")
def gaussian_nll_detaches_the_weight(mean, log_var, target):
    weight = torch.exp(-log_var).detach()
    return 0.5 * ((target - mean) ** 2 * weight + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "the result is a Python number, which cannot be differentiated")
def gaussian_nll_returns_a_number(mean, log_var, target):
    return (0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()).item()


@mistake("gaussian_nll", "a new tensor is made of the result, which cuts it off from its inputs")
def gaussian_nll_makes_a_new_tensor(mean, log_var, target):
    value = 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()
    return torch.tensor(value.item(), dtype=mean.dtype, device=mean.device)


@mistake("gaussian_nll", "one number for each row is returned")
def gaussian_nll_returns_rows(mean, log_var, target):
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1)


@mistake("gaussian_nll", "the result has an axis of length 1")
def gaussian_nll_keeps_an_axis(mean, log_var, target):
    rows = 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1)
    return rows.mean(dim=0, keepdim=True)


@mistake("gaussian_nll", "everything is converted to single precision")
def gaussian_nll_in_single_precision(mean, log_var, target):
    mean, log_var, target = mean.float(), log_var.float(), target.float()
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "everything is converted to double precision, so that the dtype of the inputs is lost")
def gaussian_nll_in_double_precision(mean, log_var, target):
    mean, log_var, target = mean.double(), log_var.double(), target.double()
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "a tensor of constants is made on the host, wherever the inputs are")
def gaussian_nll_makes_constants_on_the_host(mean, log_var, target):
    constant = torch.full(mean.shape, math.log(2 * math.pi), dtype=mean.dtype)
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + constant).sum(-1).mean()


@mistake("gaussian_nll", "the inputs are moved to the host, and the result stays there")
def gaussian_nll_moves_to_the_host(mean, log_var, target):
    mean, log_var, target = mean.cpu(), log_var.cpu(), target.cpu()
    return 0.5 * ((target - mean) ** 2 * torch.exp(-log_var) + log_var + math.log(2 * math.pi)).sum(-1).mean()


@mistake("gaussian_nll", "PyTorch's gaussian_nll_loss is used as it is: no constant, and columns averaged")
def gaussian_nll_is_the_builtin_default(mean, log_var, target):
    return torch.nn.functional.gaussian_nll_loss(mean, target, log_var.exp())


# --------------------------------------------------------------------------------------------- ensemble_moments


@mistake("ensemble_moments", "the sample variance (divided by M - 1) is used between the means")
def ensemble_moments_uses_the_sample_variance(means, variances):
    spread = means.var(axis=0, ddof=1) if len(means) > 1 else np.zeros(means.shape[1:])
    return means.mean(axis=0), variances.mean(axis=0), spread


@mistake("ensemble_moments", "the standard deviation of the means is returned in place of their variance")
def ensemble_moments_returns_the_deviation(means, variances):
    return means.mean(axis=0), variances.mean(axis=0), means.std(axis=0)


@mistake("ensemble_moments", "the variances are turned into standard deviations before they are averaged")
def ensemble_moments_averages_deviations(means, variances):
    return means.mean(axis=0), np.sqrt(variances).mean(axis=0), means.var(axis=0)


@mistake("ensemble_moments", "the squared mean deviation is returned in place of the mean variance")
def ensemble_moments_squares_the_mean_deviation(means, variances):
    return means.mean(axis=0), np.sqrt(variances).mean(axis=0) ** 2, means.var(axis=0)


@mistake("ensemble_moments", "aleatoric and epistemic variance are exchanged")
def ensemble_moments_exchanges_the_variances(means, variances):
    return means.mean(axis=0), means.var(axis=0), variances.mean(axis=0)


@mistake("ensemble_moments", "the total variance is returned as the epistemic one")
def ensemble_moments_returns_the_total(means, variances):
    return means.mean(axis=0), variances.mean(axis=0), means.var(axis=0) + variances.mean(axis=0)


@mistake("ensemble_moments", "the variance between the variances is returned as the epistemic one")
def ensemble_moments_spreads_the_variances(means, variances):
    return means.mean(axis=0), variances.mean(axis=0), variances.var(axis=0)


@mistake("ensemble_moments", "rows are averaged in place of members")
def ensemble_moments_averages_rows(means, variances):
    return means.mean(axis=1), variances.mean(axis=1), means.var(axis=1)


@mistake("ensemble_moments", "columns are averaged in place of members")
def ensemble_moments_averages_columns(means, variances):
    return means.mean(axis=2), variances.mean(axis=2), means.var(axis=2)


@mistake("ensemble_moments", "the mean over members is weighted by how sure each member is")
def ensemble_moments_weights_the_members(means, variances):
    weights = 1 / variances
    mean = (weights * means).sum(axis=0) / weights.sum(axis=0)
    return mean, variances.mean(axis=0), means.var(axis=0)


@mistake("ensemble_moments", "the aleatoric variance is divided by the number of members, as if it were that of a mean")
def ensemble_moments_divides_the_noise(means, variances):
    return means.mean(axis=0), variances.mean(axis=0) / len(means), means.var(axis=0)


@mistake("ensemble_moments", "the members' variances are added up and not averaged")
def ensemble_moments_sums_the_variances(means, variances):
    return means.mean(axis=0), variances.sum(axis=0), means.var(axis=0)


@mistake("ensemble_moments", "the median of the means is taken")
def ensemble_moments_takes_the_median(means, variances):
    return np.median(means, axis=0), variances.mean(axis=0), means.var(axis=0)


@mistake("ensemble_moments", "the largest variance of a member is taken, as PETS' successors do for penalties")
def ensemble_moments_takes_the_largest_variance(means, variances):
    return means.mean(axis=0), variances.max(axis=0), means.var(axis=0)


@mistake("ensemble_moments", "half the range of the means, squared, is returned as the epistemic variance")
def ensemble_moments_uses_the_range(means, variances):
    return means.mean(axis=0), variances.mean(axis=0), (np.ptp(means, axis=0) / 2) ** 2


@mistake("ensemble_moments", "the spread is taken around the first member and not around the mean")
def ensemble_moments_centres_on_the_first(means, variances):
    return means.mean(axis=0), variances.mean(axis=0), ((means - means[0]) ** 2).mean(axis=0)


@mistake("ensemble_moments", "one epistemic variance is computed for all columns together")
def ensemble_moments_mixes_the_columns(means, variances):
    spread = means.var(axis=0).mean(axis=-1, keepdims=True)
    return means.mean(axis=0), variances.mean(axis=0), np.broadcast_to(spread, means.shape[1:]).copy()


@mistake("ensemble_moments", "only the total variance is returned beside the mean")
def ensemble_moments_returns_two_parts(means, variances):
    return means.mean(axis=0), variances.mean(axis=0) + means.var(axis=0)


@mistake("ensemble_moments", "it is computed in single precision")
def ensemble_moments_in_single_precision(means, variances):
    m, v = means.astype(np.float32), variances.astype(np.float32)
    return m.mean(axis=0).astype(float), v.mean(axis=0).astype(float), m.var(axis=0).astype(float)


# -------------------------------------------------------------------------------------------- calibration_curve


@mistake("calibration_curve", "the interval is one-sided: everything below the p-quantile counts")
def calibration_curve_is_one_sided(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(z <= NormalDist().inv_cdf(p)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the p-quantile is used as half-width, where (1 + p) / 2 belongs")
def calibration_curve_uses_the_wrong_quantile(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf(p)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the p/2-quantile is used as the lower edge, which leaves p outside and not inside")
def calibration_curve_halves_the_level(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= -NormalDist().inv_cdf(p / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "std is taken for a variance, and its root is used")
def calibration_curve_takes_std_for_the_variance(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / np.sqrt(std)).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the error is divided by the variance and not by the standard deviation")
def calibration_curve_squares_std(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std**2).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "every interval has the width of a standard normal distribution")
def calibration_curve_ignores_std(mean, std, target, levels):
    from statistics import NormalDist

    z = (target - mean).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "one standard deviation, the mean of all, is used for every prediction")
def calibration_curve_shares_one_std(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std.mean()).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the targets are compared with 0 and not with the predicted means")
def calibration_curve_ignores_the_mean(mean, std, target, levels):
    from statistics import NormalDist

    z = (target / std).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "only the upper edge of the interval is looked at")
def calibration_curve_forgets_the_lower_edge(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(z <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the fraction outside of the interval is returned")
def calibration_curve_counts_outside(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) > NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "targets inside are counted and not divided by their number")
def calibration_curve_counts(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).sum() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the interval of 2 p deviations is used for level p")
def calibration_curve_doubles_the_width(mean, std, target, levels):
    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= 2 * p).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the error is the root of the mean squared gap")
def calibration_curve_squares_the_gap(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, math.sqrt(((observed - levels) ** 2).mean())


@mistake("calibration_curve", "the error is the largest gap and not the mean")
def calibration_curve_takes_the_largest_gap(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).max()


@mistake("calibration_curve", "the error is the sum of the gaps and not their mean")
def calibration_curve_sums_the_gaps(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).sum()


@mistake("calibration_curve", "gaps of opposite sign cancel in the error")
def calibration_curve_lets_gaps_cancel(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, abs((observed - levels).mean())


@mistake("calibration_curve", "the error is a signed mean")
def calibration_curve_signs_the_error(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, (observed - levels).mean()


@mistake("calibration_curve", "the levels are sorted first, so that the fractions come back in another order")
def calibration_curve_sorts_the_levels(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    levels = np.sort(levels)
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the normal distribution is replaced by a logistic one that looks like it")
def calibration_curve_approximates_the_quantiles(mean, std, target, levels):
    z = ((target - mean) / std).ravel()
    half = [math.log((1 + p) / (1 - p)) / 1.702 for p in levels]
    observed = np.array([(np.abs(z) <= h).mean() for h in half])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "only the error is returned")
def calibration_curve_returns_the_error_only(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return float(np.abs(observed - levels).mean())


@mistake("calibration_curve", "the fractions are given in percent")
def calibration_curve_returns_percent(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    observed = np.array([100 * (np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - 100 * levels).mean()


@mistake("calibration_curve", "only the first row of the targets is looked at")
def calibration_curve_takes_the_first_row(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std)[0].ravel()
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the fractions are worked out column by column and not over all targets")
def calibration_curve_averages_columns_only(mean, std, target, levels):
    from statistics import NormalDist

    z = (target - mean) / std
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean(axis=0) for p in levels])
    return observed, np.abs(observed.mean() - levels).mean()


@mistake("calibration_curve", "the targets are standardised by their own deviation, so that any scale looks right")
def calibration_curve_fits_the_scale(mean, std, target, levels):
    from statistics import NormalDist

    z = ((target - mean) / std).ravel()
    z = z / max(z.std(), 1e-9)
    observed = np.array([(np.abs(z) <= NormalDist().inv_cdf((1 + p) / 2)).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "the level is compared with the density and not with the probability inside")
def calibration_curve_uses_the_density(mean, std, target, levels):
    z = ((target - mean) / std).ravel()
    observed = np.array([(np.exp(-0.5 * z**2) >= 1 - p).mean() for p in levels])
    return observed, np.abs(observed - levels).mean()


@mistake("calibration_curve", "a small number is added to the standard deviation")
def calibration_curve_adds_to_the_deviation(mean, std, target, levels):
    from statistics import NormalDist

    half = np.array([NormalDist().inv_cdf((1 + p) / 2) for p in levels])
    distance = np.abs((target - mean) / (std + 1e-6)).ravel()
    observed = (distance <= half[:, None]).mean(axis=1)
    return observed, np.abs(observed - levels).mean()


# ----------------------------------------------------------------------------------------------- train_ensemble


@mistake("train_ensemble", "every member is trained on all rows: none is drawn with replacement")
def train_ensemble_skips_the_bootstrap(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.arange(len(x))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the optimiser follows the plain gradient and is not Adam")
def train_ensemble_follows_the_plain_gradient(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the optimiser is gradient descent with momentum and not Adam")
def train_ensemble_descends_with_momentum(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate, momentum=0.9)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the rows are drawn once and all members share them")
def train_ensemble_shares_one_bootstrap(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    rows = torch.randint(len(x), (len(x),))
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the rows are drawn anew in every epoch, so that every member sees all of them in the end")
def train_ensemble_draws_anew_every_epoch(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            rows = torch.randint(len(x), (len(x),))
            for batch in rows.split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the rows are drawn without replacement, so that every member sees all of them")
def train_ensemble_permutes_the_rows(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randperm(len(x))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "one network is trained and counted M times")
def train_ensemble_copies_one_member(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)
    nets = [nets[0]] * ensemble_size

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the generator is seeded anew for every member, so that all are the same")
def train_ensemble_seeds_every_member_alike(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        torch.manual_seed(seed)
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "all members start from the same weights and differ only in their rows")
def train_ensemble_starts_from_the_same_weights(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    start = None
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        start = start or {key: value.clone() for key, value in net.state_dict().items()}
        net.load_state_dict(start)
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the seed is ignored: two trainings give different models")
def train_ensemble_ignores_the_seed(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.seed()
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the seed is always 0")
def train_ensemble_fixes_the_seed(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(0)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the squared error is minimised and the variance is always 1")
def train_ensemble_minimises_squared_errors(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = ((out[:, :d] - (y[batch] - shift) / scale) ** 2).sum(-1).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), np.ones(out[..., d:].shape)

    return Ensemble()


@mistake("train_ensemble", "the squared error is minimised, and one variance is measured for all rows")
def train_ensemble_measures_one_variance(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = ((out[:, :d] - (y[batch] - shift) / scale) ** 2).sum(-1).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            residual = torch.stack([net(x)[:, :d] for net in nets]).detach() * scale + shift - y
            variances = residual.var(dim=1, keepdim=True).expand(out[..., d:].shape)
            return (out[..., :d] * scale + shift).numpy(), variances.numpy()

    return Ensemble()


@mistake("train_ensemble", "standard deviations are returned in place of variances")
def train_ensemble_returns_deviations(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), ((0.5 * out[..., d:]).exp() * scale).numpy()

    return Ensemble()


@mistake("train_ensemble", "the logarithms of the variances are returned")
def train_ensemble_returns_log_variances(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), out[..., d:].numpy()

    return Ensemble()


@mistake("train_ensemble", "the second half of the output is learnt as a log-variance and read as a log-deviation")
def train_ensemble_squares_the_variances(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), ((2 * out[..., d:]).exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the means are returned in standardised units")
def train_ensemble_keeps_standardised_means(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return out[..., :d].numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the variances are returned in standardised units")
def train_ensemble_keeps_standardised_variances(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp()).numpy()

    return Ensemble()


@mistake("train_ensemble", "the variances are multiplied by the scale of the targets and not by its square")
def train_ensemble_scales_variances_like_means(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale).numpy()

    return Ensemble()


@mistake("train_ensemble", "the change of the state is returned and not the next state")
def train_ensemble_returns_changes(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states - states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the reward comes before the next state")
def train_ensemble_puts_the_reward_first(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([rewards[:, None], next_states]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "only the next state is predicted")
def train_ensemble_forgets_the_reward(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(next_states, dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the actions are not among the inputs")
def train_ensemble_ignores_the_actions(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(states, dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(states, dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake(
    "train_ensemble",
    "only full batches are used, so that nothing is learnt when batch_size exceeds N",
)
def train_ensemble_drops_the_last_batch(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                if len(batch) < batch_size:
                    continue
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "there is always one pass over the data, whatever epochs is")
def train_ensemble_ignores_the_epochs(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(1):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "there are always 100 epochs")
def train_ensemble_always_trains_long(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(100):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the learning rate is always 0.001")
def train_ensemble_ignores_the_learning_rate(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "there are always five members")
def train_ensemble_ignores_the_ensemble_size(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(5):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the members' predictions are averaged before they are returned")
def train_ensemble_averages_the_members(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets]).mean(0)
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the rows come before the members")
def train_ensemble_puts_rows_first(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets], dim=1)
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the training loop stands after the loop over members, so that only the last one is trained")
def train_ensemble_trains_the_last_member_only(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        nets.append(net)
    for _ in range(1):
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake(
    "train_ensemble",
    "one network is asked M times, with a little added to each answer",
)
def train_ensemble_shares_one_network(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([nets[0](q) + 1e-3 * m for m in range(len(nets))])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "inputs and targets are drawn separately, so that they no longer belong together")
def train_ensemble_shuffles_inputs_and_targets_apart(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[torch.randint(len(x), batch.shape)] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "the variance of the members' means is returned in place of the predicted noise")
def train_ensemble_predicts_next_state_noise_free(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            spread = (out[..., :d] * scale).var(0, unbiased=False) + 1e-6
            return (out[..., :d] * scale + shift).numpy(), spread.expand(out[..., :d].shape).numpy()

    return Ensemble()


@mistake("train_ensemble", "a list of networks is returned, without a method predict")
def train_ensemble_is_deterministic_only(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return nets


@mistake("train_ensemble", "every member is trained on four fifths of the rows, drawn without replacement")
def train_ensemble_draws_four_fifths(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randperm(len(x))[: int(0.8 * len(x))]
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(rows))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "every member draws half as many rows as there are")
def train_ensemble_draws_half_as_many(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (max(1, len(x) // 2),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(rows))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake("train_ensemble", "there are always 64 hidden units, whatever hidden_dim is")
def train_ensemble_fixes_the_hidden_units(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(torch.nn.Linear(x.shape[1], 64), torch.nn.Tanh(), torch.nn.Linear(64, 2 * d))
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()


@mistake(
    "train_ensemble",
    "the rows asked for are standardised with their own mean and deviation, not with those of the data",
)
def train_ensemble_standardises_queries_by_themselves(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
    y = torch.tensor(np.hstack([next_states, rewards[:, None]]), dtype=torch.float32)
    x = (x - x.mean(0)) / (x.std(0) + 1e-6)
    shift, scale = y.mean(0), y.std(0) + 1e-6
    d = y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * d)
        )
        rows = torch.randint(len(x), (len(x),))
        optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for batch in rows[torch.randperm(len(x))].split(batch_size):
                out = net(x[batch])
                loss = gaussian_nll(out[:, :d], out[:, d:], (y[batch] - shift) / scale)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        nets.append(net)

    class Ensemble:
        def predict(self, states, actions):
            q = torch.tensor(np.hstack([states, actions]), dtype=torch.float32)
            q = (q - q.mean(0)) / (q.std(0, correction=0) + 1e-6)
            with torch.no_grad():
                out = torch.stack([net(q) for net in nets])
            return (out[..., :d] * scale + shift).numpy(), (out[..., d:].exp() * scale**2).numpy()

    return Ensemble()
