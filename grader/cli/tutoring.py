"""`grade mcp`: tools for an AI assistant that tutors."""

from grader.cli.options import CourseFolder, Language
from grader.course import model as course
from grader.errors import UsageError
from grader.language import say


def mcp(course_folder: CourseFolder = None, _lang: Language = None) -> None:
    """Give an AI assistant tools to tutor with: statements, gradings, hints, and no answers.

    It speaks the Model Context Protocol on standard input and output; an assistant starts it by
    itself, as its settings say.
    """
    try:
        from grader import tutor
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "anyio"):
            raise
        raise UsageError(
            say("grade mcp needs what is not installed here: pip install 'torchgrade[mcp]'")
        ) from None
    course.find(course_folder)  # what is wrong with it is said before anybody waits for an answer
    tutor.serve(course_folder)
