"""Exercise 46, additive attention as a module: what is drawn."""

import torch

TITLE = "Sixteen queries look for the keys that are like them; the last four keys are padding"
ROWS = "queries"
COLUMNS = "keys"


def heatmap(answer):
    """Queries and keys are numbers from 0 to 1, in order.

    Of two hidden units one rises a little before the query's number and one a little behind it:
    their difference is a hill around the query.
    """
    numbers = torch.linspace(0, 1, 16)[:, None]
    steep = 8.0
    ones = torch.ones_like(numbers)
    layer = answer.MLPAttention(2, 2, 2, 0.0)
    layer.load_state_dict(
        {
            "W_k.weight": torch.tensor([[steep, 1.0], [steep, -1.0]]),
            "W_q.weight": torch.tensor([[-steep, 0.0], [-steep, 0.0]]),
            "v.weight": torch.tensor([[4.0, -4.0]]),
        }
    )
    layer.eval()
    seen = torch.cat([numbers, ones], dim=1)[None]
    layer(seen, seen, torch.eye(16)[None], torch.tensor([12]))
    return layer.attention_weights[0]
