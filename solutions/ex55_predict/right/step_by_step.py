"""As the lecture has it: one token at a time, through the prefix and behind it."""

import torch


def predict(prefix, num_preds, model, vocab):
    index_to_token = {index: token for token, index in vocab.items()}
    outputs = [vocab.get(prefix[0], vocab["<unk>"])]
    modes = {name: part.training for name, part in model.named_modules()}

    def step(state):
        return model(torch.tensor([[outputs[-1]]]), state)

    try:
        model.eval()
        with torch.inference_mode():
            state = model.begin_state(batch_size=1)
            for token in prefix[1:]:
                _, state = step(state)
                outputs.append(vocab[token] if token in vocab else vocab["<unk>"])
            for _ in range(num_preds):
                scores, state = step(state)
                outputs.append(int(scores.argmax(dim=1)))
    finally:
        for name, part in model.named_modules():
            part.training = modes[name]
    return prefix + "".join(index_to_token[index] for index in outputs[len(prefix) :])
