"""All hypotheses in one tensor of tokens; the finished are struck out with -inf."""

import torch


def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
    tokens = torch.arange(len(start), device=start.device)[:, None]
    sums = start
    answers = []
    while True:
        order = torch.argsort(sums, descending=True)[:beam_width]
        sums, tokens = sums[order], tokens[order]
        length = tokens.shape[1]
        done = (tokens[:, -1] == eos) | (length == max_len)
        answers += zip((sums[done] / length**alpha).tolist(), tokens[done].tolist(), strict=True)
        sums, tokens = sums[~done], tokens[~done]
        if not len(sums):
            break
        grown = sums[:, None] + transition[tokens[:, -1]]
        count, size = grown.shape
        nexts = torch.arange(size, device=start.device).repeat(count)[:, None]
        tokens = torch.cat([tokens.repeat_interleave(size, dim=0), nexts], dim=1)
        sums = grown.flatten()
    score, sequence = max(answers)
    return sequence, score
