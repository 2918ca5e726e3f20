"""One topk a step over the table of all expansions, back pointers by division."""


def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
    size = start.numel()
    sums, last = start.topk(min(beam_width, size))
    beams = [[token] for token in last.tolist()]
    best, answer = -float("inf"), None
    for length in range(1, max_len + 1):
        live = []
        for index, tokens in enumerate(beams):
            score = sums[index].item() / length**alpha
            if (tokens[-1] == eos or length == max_len) and score > best:
                best, answer = score, tokens
            if tokens[-1] != eos:
                live.append(index)
        if length == max_len or not live:
            break
        beams = [beams[index] for index in live]
        table = sums[live][:, None] + transition[[tokens[-1] for tokens in beams]]
        sums, places = table.reshape(-1).topk(min(beam_width, table.numel()))
        beams = [beams[place // size] + [place % size] for place in places.tolist()]
    return answer, best
