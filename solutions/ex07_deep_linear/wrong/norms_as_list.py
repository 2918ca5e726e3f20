"""Returns the norms as a list."""


def deep_linear(x, weights):
    norms = []
    for weight in weights:
        x = x @ weight
        norms.append(x.norm())
    return x, norms
