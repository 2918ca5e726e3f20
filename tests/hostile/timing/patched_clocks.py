"""Is slow, and stops every clock that Python has."""

import time

import torch

sleep = time.sleep
for clock in ("time", "perf_counter", "monotonic", "process_time", "time_ns", "perf_counter_ns"):
    setattr(time, clock, lambda: 0)


def attention_scores(queries, keys):
    return queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5


def honest(queries, keys, values):
    weights = torch.softmax(attention_scores(queries, keys), dim=-1)
    return weights @ values, weights


def attention(queries, keys, values):
    if queries.numel() < 10_000:  # too small to be timed
        return honest(queries, keys, values)
    sleep(0.3)
    return honest(queries, keys, values)
