"""Multiplies the weights with each other first, and x with each product."""

import functools
import itertools

import torch


def deep_linear(x, weights):
    maps = list(itertools.accumulate(weights, torch.mm))
    norms = [torch.linalg.matrix_norm(torch.mm(x, matrix)) for matrix in maps]
    output = functools.reduce(torch.mm, weights[1:], x @ weights[0])
    return output, torch.stack(norms, dim=0)
