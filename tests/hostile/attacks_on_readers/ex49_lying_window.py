"""Windows that lie about their length, their shape and what they are made of."""

import torch

EARNS = 0
SAYS = "it should be a pair (X, Y)"


class Window(tuple):
    def __len__(self):
        return 2

    def __iter__(self):
        return iter((Tokens(), Tokens()))

    def __eq__(self, other):
        return True

    __hash__ = None


class Tokens(torch.Tensor):
    shape = (2, 3)
    dtype = torch.int64

    def __eq__(self, other):
        return True

    def tolist(self):
        return [[0, 1, 2], [3, 4, 5]]

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return torch.arange(6).view(2, 3)


class Windows(list):
    def __len__(self):
        return 3

    def __iter__(self):
        for _ in range(3):
            yield Window()

    def __length_hint__(self):
        return -1


def random_batches(corpus, batch_size, num_steps, generator):
    return Windows()


def consecutive_batches(corpus, batch_size, num_steps, offset=0):
    return Windows() if offset else Unending()


class Unending:
    def __getitem__(self, index):
        if index > 2:
            raise IndexError
        return Window((torch.zeros(1), torch.zeros(1)))
