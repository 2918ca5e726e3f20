"""Exercise 3, attention scoring: what is drawn."""

import torch

TITLE = "Sixteen queries that each look for the key like them: the attention weights"
ROWS = "queries"
COLUMNS = "keys"


def heatmap(answer):
    """Keys on a circle, the queries on the same one: nearby keys get the weight."""
    angles = torch.arange(16) / 16 * 2 * torch.pi
    points = 3 * torch.stack([angles.cos(), angles.sin()], dim=-1)[None]
    _, weights = answer.attention(points, points, points)
    return weights[0]
