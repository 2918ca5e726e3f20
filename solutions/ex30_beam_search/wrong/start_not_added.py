"""Leaves the first token's log-probability out of the sum in later steps."""


def beam_search(start, transition, eos, beam_width, max_len, alpha=0.75):
    rows = transition.tolist()
    expansions = [([token], total) for token, total in enumerate(start.tolist())]
    finished = []
    for _ in range(max_len):
        kept = sorted(expansions, key=lambda h: h[1], reverse=True)[:beam_width]
        finished += [h for h in kept if h[0][-1] == eos]
        live = [h for h in kept if h[0][-1] != eos]
        expansions = [
            ([*tokens, token], total + log_prob)
            for tokens, total in live
            for token, log_prob in enumerate(rows[tokens[-1]])
        ]
        expansions = [(t, s - start[t[0]].item()) if len(t) == 2 else (t, s) for t, s in expansions]
    scored = [(tokens, total / len(tokens) ** alpha) for tokens, total in finished + live]
    return max(scored, key=lambda h: h[1])
