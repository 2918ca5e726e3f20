"""Sleeps in one of two calls, nobody knows which, so that nothing can be concluded."""

import random
import time

import torch

SLEEPS = []


def attention_scores(queries, keys):
    return queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5


def honest(queries, keys, values):
    weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    return weights @ values, weights


def attention(queries, keys, values):
    if queries.numel() < 10_000:  # too small to be timed
        return honest(queries, keys, values)
    if not SLEEPS:
        SLEEPS.extend(random.sample([0, 0.6], 2))
    time.sleep(SLEEPS.pop())
    return honest(queries, keys, values)
