"""How Hypothesis works in a grading, whatever profile its surroundings have chosen. A leaf."""

import hypothesis

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
