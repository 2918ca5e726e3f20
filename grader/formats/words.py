"""What the statuses of a report are called."""

from grader.language import say
from grader.report import PropertyStatus, Report, Status, Timing


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


def waiting(report: Report) -> str:
    """How many properties wait for those that failed, as a sentence; empty where none does."""
    failed = sum(result.has_failed for result in report.properties)
    count = len(report.waiting)
    if not count:
        return ""
    if failed == 1:
        return say("{count} more to be tried once this passes.", count=count)
    return say("{count} more to be tried once these pass.", count=count)


def timing_heading(timing: Timing, torch: str | None) -> str:
    """What was timed, on what, and how often."""
    if timing.rounds == 1:
        return say(
            "Time of one call on {device} (torch {torch}, 1 thread, one round)",
            device=timing.device,
            torch=torch,
        )
    return say(
        "Time of one call on {device} (torch {torch}, 1 thread, {rounds} rounds)",
        device=timing.device,
        torch=torch,
        rounds=timing.rounds,
    )
