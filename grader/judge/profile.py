"""How Hypothesis works in a grading, whatever profile its surroundings have chosen. A leaf."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers

PROFILE_NAME = "grade"
EXAMPLES = 20

hypothesis.settings.register_profile(
    PROFILE_NAME,
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    derandomize=False,  # the seed is given explicitly
    print_blob=False,
    report_multiple_bugs=False,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink),
    suppress_health_check=list(hypothesis.HealthCheck),
    verbosity=hypothesis.Verbosity.quiet,
)

PROFILE = hypothesis.settings.get_profile(PROFILE_NAME)
# What goes wrong there goes wrong on most inputs; the time is better spent elsewhere.
FEW = hypothesis.settings(PROFILE, max_examples=8)

Property = Callable[..., None]


def as_property(test: Property, title: str, points: int, needs: Sequence[str]) -> Property:
    """`test` with its marks; `title` is what a report says of it."""
    test.__doc__ = title
    return pytest.mark.points(points)(pytest.mark.needs(*needs)(test))


@contextlib.contextmanager
def no_local_constants() -> Iterator[None]:
    """Keep Hypothesis from drawing, now and then, a number that stands in a module of ours.

    It reads every module that is loaded and no library's, so that what it draws would depend on
    where this program lies, and on what the process has graded before.
    """
    find = getattr(providers, "_get_local_constants", None)
    if find is None:  # before Hypothesis 6.131
        yield
        return
    none = type(providers.GLOBAL_CONSTANTS)()
    providers.CONSTANTS_CACHE.cache.clear()
    providers._get_local_constants = lambda: none
    try:
        yield
    finally:
        providers._get_local_constants = find
        providers.CONSTANTS_CACHE.cache.clear()
