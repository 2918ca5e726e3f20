"""The report as HTML: a page that stands alone, or a fragment for a notebook's cell."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.report import Report


def render(report: Report) -> str:
    """A whole page, which loads nothing from anywhere."""
    return _environment().get_template("page.html.j2").render(report=report)


def render_fragment(report: Report) -> str:
    """The report as one `<div>` with its own scoped styles; read without a script."""
    return _environment().get_template("fragment.html.j2").render(report=report)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("grader", "templates/report"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
