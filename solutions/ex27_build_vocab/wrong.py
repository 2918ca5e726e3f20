"""Exercise 27, a vocabulary: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import unicodedata

import torch


class AlwaysUnk:
    """Adds "<unk>" to the reserved tokens where it is not one."""

    diff = """
    + if "<unk>" not in reserved:
    +     reserved = (*reserved, "<unk>")
      counts = Counter(token for line in lines for token in line)
    """


class AtMostEight:
    """Keeps no more than eight tokens in all."""

    diff = """
    - return {token: index for index, token in enumerate([*reserved, *kept])}
    + return {token: index for index, token in enumerate([*reserved, *kept][:8])}
    """


class BracketsReserved:
    """Takes every token in angle brackets for a reserved one."""

    diff = """
    - kept = [t for t, count in counts.items() if count >= min_freq and t not in reserved]
    + kept = [t for t, count in counts.items() if count >= min_freq and not t.startswith("<")]
    """


class CaseIgnoredInTies:
    """Orders ties as a dictionary would, without regard to capitals."""

    diff = """
    - kept.sort(key=lambda token: (-counts[token], token))
    + kept.sort(key=lambda token: (-counts[token], token.lower(), token))
    """


class Characters:
    """Counts characters."""

    diff = """
    - counts = Counter(token for line in lines for token in line)
    + counts = Counter(token for line in lines for word in line for token in word)
    """


class CountsAsText:
    """Sorts by the counts as text, so that 9 comes before 10."""

    diff = """
    - kept.sort(key=lambda token: (-counts[token], token))
    + kept.sort(key=lambda token: token)
    + kept.sort(key=lambda token: str(counts[token]), reverse=True)
    """


class CountsForIndices:
    """Gives each token its count."""

    diff = """
    - return {token: index for index, token in enumerate([*reserved, *kept])}
    + return {token: counts[token] for token in [*reserved, *kept]}
    """


class CountsUpToNine:
    """Counts up to nine."""

    diff = """
    - kept.sort(key=lambda token: (-counts[token], token))
    + kept.sort(key=lambda token: (-min(counts[token], 9), token))
    """


class DefaultReserved:
    """Leaves out the usual reserved tokens, also where others are reserved."""

    diff = """
    - kept = [t for t, count in counts.items() if count >= min_freq and t not in reserved]
    + kept = [
    +     t
    +     for t, n in counts.items()
    +     if n >= min_freq and t not in ("<pad>", "<bos>", "<eos>", "<unk>")
    + ]
    """


class DefaultTwo:
    """Has 2 as the default of min_freq."""

    diff = """
    - min_freq: int = 3,
    + min_freq: int = 2,
    """


class EncodeLower:
    """Lower-cases tokens before it looks them up."""

    diff = """
    - return [vocab.get(token, unknown) for token in tokens]
    + return [vocab.get(token.lower(), unknown) for token in tokens]
    """


class EncodeNeedsList:
    """Asks the tokens for their number."""

    diff = """
    - return [vocab.get(token, unknown) for token in tokens]
    + return [vocab.get(tokens[i], unknown) for i in range(len(tokens))]
    """


class EncodeSet:
    """Encodes each token once."""

    diff = """
    - return [vocab.get(token, unknown) for token in tokens]
    + return [vocab.get(token, unknown) for token in dict.fromkeys(tokens)]
    """


class EncodeSorted:
    """Encodes the tokens in order."""

    diff = """
    - return [vocab.get(token, unknown) for token in tokens]
    + return [vocab.get(token, unknown) for token in sorted(tokens)]
    """


class FewReserved:
    """Reserves six tokens at most."""

    diff = """
    - return {token: index for index, token in enumerate([*reserved, *kept])}
    + return {token: index for index, token in enumerate([*reserved[:6], *kept])}
    """


class FirstLine:
    """Reads the first line only."""

    diff = """
    - counts = Counter(token for line in lines for token in line)
    + counts = Counter(token for line in list(lines)[:1] for token in line)
    """


class ListResult:
    """Returns the tokens in a list."""

    diff = """
    - return {token: index for index, token in enumerate([*reserved, *kept])}
    + return [*reserved, *kept]
    """


class LowerCase:
    """Makes all letters small."""

    diff = """
    - counts = Counter(token for line in lines for token in line)
    + counts = Counter(token.lower() for line in lines for token in line)
    """


class MinFreqOnReserved:
    """Lists a reserved token only where the text has it."""

    diff = """
    - return {token: index for index, token in enumerate([*reserved, *kept])}
    + return {
    +     token: index for index, token in enumerate([*(t for t in reserved if t in counts), *kept])
    + }
    """


class NoEmptyToken:
    """Leaves out the empty token."""

    diff = """
    - counts = Counter(token for line in lines for token in line)
    + counts = Counter(token for line in lines for token in line if token)
    """


class NoLineBreak:
    """Takes a token with a line break in it for none."""

    diff = """
    - counts = Counter(token for line in lines for token in line)
    + counts = Counter(token for line in lines for token in line if "\\n" not in token)
    """


class OrderOfUtf16:
    """Puts ties in the order of UTF-16, as other languages do."""

    diff = """
    - kept.sort(key=lambda token: (-counts[token], token))
    + kept.sort(key=lambda token: (-counts[token], token.encode("utf-16-be")))
    """


class ReadTwice:
    """Goes through the lines twice, which a generator does not allow."""

    diff = """
    + tokens = {token for line in lines for token in line}
      counts = Counter(token for line in lines for token in line)
    - kept = [t for t, count in counts.items() if count >= min_freq and t not in reserved]
    + kept = [t for t, count in ((t, counts[t]) for t in tokens) if count >= min_freq and t not in reserved]
    """


class ReservedSorted:
    """Sorts the reserved tokens too."""

    diff = """
    - return {token: index for index, token in enumerate([*reserved, *kept])}
    + return {token: index for index, token in enumerate([*sorted(reserved), *kept])}
    """


class Stripped:
    """Strips the spaces off the tokens."""

    diff = """
    - counts = Counter(token for line in lines for token in line)
    + counts = Counter(token.strip() for line in lines for token in line)
    """


class Substring:
    """Looks for the token anywhere in the reserved ones."""

    diff = """
    - kept = [t for t, count in counts.items() if count >= min_freq and t not in reserved]
    + kept = [t for t, count in counts.items() if count >= min_freq and t not in " ".join(reserved)]
    """


class TensorResult:
    """Returns the indices in a tensor."""

    def encode(tokens, vocab):
        return torch.tensor([vocab.get(token, vocab["<unk>"]) for token in tokens])


class ThreeAlways:
    """Takes min_freq = 3 whatever is said."""

    diff = """
    - kept = [t for t, count in counts.items() if count >= min_freq and t not in reserved]
    + kept = [t for t, count in counts.items() if count >= 3 and t not in reserved]
    """


class TiesByLength:
    """Puts the shorter of two tied tokens first."""

    diff = """
    - kept.sort(key=lambda token: (-counts[token], token))
    + kept.sort(key=lambda token: (-counts[token], len(token), token))
    """


class UnknownLast:
    """Gives unknown tokens the index after the last."""

    def encode(tokens, vocab):
        return [vocab.get(token, len(vocab)) for token in tokens]


class UnknownMinusOne:
    """Gives unknown tokens -1."""

    def encode(tokens, vocab):
        return [vocab.get(token, -1) for token in tokens]


class WrongAtMiddleSizes:
    """Right, but keeps no more than a hundred tokens."""

    diff = """
    - return {token: index for index, token in enumerate([*reserved, *kept])}
    + return {token: index for index, token in enumerate([*reserved, *kept][:100])}
    """


class ZeroIsUnknown:
    """Takes the index 0 for a token that is not there."""

    diff = """
    - return [vocab.get(token, unknown) for token in tokens]
    + return [vocab.get(token) or unknown for token in tokens]
    """


class Composed:
    """Writes accents in one way (NFC)."""

    diff = """
    - counts = Counter(token for line in lines for token in line)
    + counts = Counter(unicodedata.normalize("NFC", token) for line in lines for token in line)
    """


class EncodeComposed:
    """Writes accents in one way (NFC) before it looks a token up."""

    diff = """
    - return [vocab.get(token, unknown) for token in tokens]
    + return [vocab.get(unicodedata.normalize("NFC", token), unknown) for token in tokens]
    """


class RightStripped:
    """Strips spaces off the end of tokens."""

    diff = """
    - counts = Counter(token for line in lines for token in line)
    + counts = Counter(token.rstrip(" ") for line in lines for token in line)
    """


class EncodeTabsStripped:
    """Strips tabs off a token before it looks it up."""

    diff = """
    - return [vocab.get(token, unknown) for token in tokens]
    + return [vocab.get(token.strip("\\t"), unknown) for token in tokens]
    """


class WordsOfAText:
    """Cuts a text into words, where it was to go through its letters."""

    diff = """
    + if isinstance(tokens, str):
    +     tokens = tokens.split()
      unknown = vocab["<unk>"]
    """


class OneTokenOfAText:
    """Takes a text for one token."""

    diff = """
    + if isinstance(tokens, str):
    +     return vocab.get(tokens, vocab["<unk>"])
      unknown = vocab["<unk>"]
    """


class EmptyNotReserved:
    """Leaves an empty token out of the reserved ones."""

    diff = """
    + reserved = tuple(token for token in reserved if token)
      counts = Counter(token for line in lines for token in line)
    """


class OneDict:
    """Writes every vocabulary into one dict."""

    _VOCAB = {}

    diff = """
    - return {token: index for index, token in enumerate([*reserved, *kept])}
    + _VOCAB.clear()
    + _VOCAB.update((token, index) for index, token in enumerate([*reserved, *kept]))
    + return _VOCAB
    """


class OneList:
    """Writes all indices into one list."""

    _INDICES = []

    diff = """
    - return [vocab.get(token, unknown) for token in tokens]
    + _INDICES[:] = [vocab.get(token, unknown) for token in tokens]
    + return _INDICES
    """
