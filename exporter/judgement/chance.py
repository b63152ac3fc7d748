"""How likely a difference is by chance: bounds that hold for small numbers, too. Pure.

Source: the Chernoff bounds of the binomial and the Poisson distribution, and for two samples the likelihood
ratio of one common share against two (Wilks).
"""

import math


def few_calls(calls: float, expected: float) -> float:
    """Return an upper bound of the probability of so few calls where so many are expected; 1 for as many."""
    if calls >= expected:
        return 1.0
    exponent = expected - calls
    if calls > 0:
        exponent += calls * (math.log(calls) - math.log(expected))
    return math.exp(-max(exponent, 0.0))


def other_share(counted: float, of: float, usual_counted: float, usual_of: float) -> float:
    """Return how likely two samples with shares so different are if their true share is the same.

    Each sample has `counted` of `of`, both over 0.
    """
    common = (counted + usual_counted) / (of + usual_of)
    both = of * _divergence(counted / of, common)
    return math.exp(-(both + usual_of * _divergence(usual_counted / usual_of, common)))


def _divergence(share: float, other: float) -> float:
    """Return the Kullback-Leibler divergence of two Bernoulli distributions in nats."""
    found = 0.0
    for p, q in ((share, other), (1 - share, 1 - other)):
        # The greatest share is 1, but for the last digits.
        if p > 0 and q > 0:
            found += p * math.log(p / q)
    return max(found, 0.0)
