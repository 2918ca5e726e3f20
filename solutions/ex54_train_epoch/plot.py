"""Exercise 54, one epoch of training: what is drawn."""

import torch

TITLE = "The norm of the gradients that each step is made with: clipped, and as it would be"
X = "step"
FIRST = 1
STEPS, ROWS, LENGTH = 24, 2, 12
VOCABULARY, HIDDEN = 6, 8


def weights(generator):
    """Those of a recurrent network with a temper: large ones, for which some steps are cliffs."""

    def draw(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    return {
        "embedding.weight": draw(VOCABULARY, HIDDEN),
        "rnn.weight_ih_l0": draw(HIDDEN, HIDDEN) / 2,
        "rnn.weight_hh_l0": draw(HIDDEN, HIDDEN) * 0.6,
        "rnn.bias_ih_l0": draw(HIDDEN) / 2,
        "rnn.bias_hh_l0": draw(HIDDEN) / 2,
        "linear.weight": draw(VOCABULARY, HIDDEN),
        "linear.bias": draw(VOCABULARY) / 2,
    }


def norms(answer, max_norm):
    """The norm of all gradients, for each step of an epoch."""
    generator = torch.Generator().manual_seed(3)
    model = answer.given.LanguageModel(VOCABULARY, HIDDEN, "RNN").to(torch.float64)
    model.load_state_dict(weights(generator))
    text = torch.randint(VOCABULARY, (ROWS, STEPS * LENGTH + 1), generator=generator)
    batches = [
        (text[:, at : at + LENGTH].clone(), text[:, at + 1 : at + LENGTH + 1].clone())
        for at in range(0, STEPS * LENGTH, LENGTH)
    ]
    optimizer = answer.given.Descent(model, 1.0)
    answer.train_epoch(model, batches, optimizer, max_norm)
    found = [optimizer.noted(step)["gradients"].values() for step in range(1, STEPS + 1)]
    return torch.stack([torch.cat([g.flatten() for g in each]).norm() for each in found])


def curves(answer):
    """An epoch with clipping, and one with a bound that no gradient reaches."""
    return {"clipped at 1": norms(answer, 1.0), "without clipping": norms(answer, 1e6)}
