"""Recursion on the step, with 0-dim tensors for the sums."""


def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
    def ended(kept, left):
        finished = [pair for pair in kept if pair[1][-1] == eos]
        live = [pair for pair in kept if pair[1][-1] != eos]
        if not live or left == 0:
            return kept
        expansions = [
            (total + transition[tokens[-1], token], (*tokens, token))
            for total, tokens in live
            for token in range(len(start))
        ]
        return finished + ended(best(expansions), left - 1)

    def best(expansions):
        return sorted(expansions, key=lambda pair: -pair[0])[:beam_width]

    singles = [(start[token], (token,)) for token in range(len(start))]
    scored = [
        (float(total) / len(tokens) ** alpha, list(tokens))
        for total, tokens in ended(best(singles), max_len - 1)
    ]
    score, tokens = max(scored)
    return tokens, score
