"""A heap in each step, and only one best answer remembered; drops what is impossible at once."""

import heapq
import math


def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
    vocabulary = range(start.shape[0])
    heap = [(-start[token].item(), [token]) for token in vocabulary]
    answer = (-math.inf, None)
    for length in range(1, max_len + 1):
        heapq.heapify(heap)
        beam = [heapq.heappop(heap) for _ in range(min(beam_width, len(heap)))]
        heap = []
        for cost, tokens in beam:
            if cost == math.inf:
                continue
            if tokens[-1] == eos or length == max_len:
                answer = max(answer, (-cost * length**-alpha, tokens))
            else:
                row = transition[tokens[-1]].tolist()
                heap += [(cost - row[token], [*tokens, token]) for token in vocabulary]
    return answer[1], answer[0]
