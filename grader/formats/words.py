"""What the statuses of a report are called."""

from grader.language import say
from grader.report import PropertyStatus, Status


def state(status: Status) -> str:
    """How the exercise ended, in a word or two."""
    return {
        Status.PASSED: say("passed"),
        Status.PARTIAL: say("partial"),
        Status.FAILED: say("failed"),
        Status.NOT_STARTED: say("not started"),
        Status.REJECTED: say("rejected"),
        Status.UNGRADED: say("ungraded"),
    }[status]


def property_state(status: PropertyStatus) -> str:
    """How one property ended."""
    return {
        PropertyStatus.PASSED: say("passed"),
        PropertyStatus.FAILED: say("failed"),
        PropertyStatus.ERROR: say("error"),
        PropertyStatus.SKIPPED: say("waits"),
        PropertyStatus.BROKEN: say("broken"),
    }[status]
