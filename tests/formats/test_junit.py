"""JUnit XML as pytest writes it."""

import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from samples import EVERY, NASTY, report

from grader.formats import junit
from grader.report import Status, clean

TESTS = """
import pytest

@pytest.fixture(scope="session", autouse=True)
def suite(record_testsuite_property):
    record_testsuite_property("score", 1)

def test_passed():
    pass

def test_failed():
    assert 1 == 2

def test_skipped():
    pytest.skip("needs another")

@pytest.fixture
def broken():
    raise RuntimeError

def test_error(broken):
    pass
"""


@pytest.fixture(scope="module")
def grammar(tmp_path_factory):
    """What pytest itself writes: for each element, its attributes and those that it stands in."""
    folder = tmp_path_factory.mktemp("junit")
    (folder / "test_all.py").write_text(TESTS)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=all.xml"],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
    )
    return described(ElementTree.parse(folder / "all.xml").getroot())


def described(root):
    """(parent, element) -> attributes, for every pair in the tree."""
    found = {(None, root.tag): set(root.attrib)}
    for parent in root.iter():
        for child in parent:
            found.setdefault((parent.tag, child.tag), set()).update(child.attrib)
    return found


def parsed(*reports):
    """The tree of a rendered file."""
    return ElementTree.fromstring(junit.render_all(reports))


@pytest.mark.parametrize("kind", EVERY)
def test_the_file_has_the_structure_of_pytests(kind, grammar):
    """The same elements in the same places, with the same attributes; nothing of Hypothesis's."""
    root = parsed(EVERY[kind])
    for pair, attributes in described(root).items():
        assert grammar[pair] == attributes, pair
    names = [each.get("name") for each in root.iter("property")]
    assert not any(name.startswith("hypothesis") for name in names)


def test_every_outcome_has_its_element(grammar):
    """What pytest can say of a test, this file says as well."""
    root = parsed(EVERY["every_property"], EVERY["ungraded"])
    assert described(root).keys() == grammar.keys()


@pytest.mark.parametrize("kind", EVERY)
def test_the_counts_are_those_of_the_cases(kind):
    """Whoever reads only the heads reads the truth."""
    (suite,) = parsed(EVERY[kind])
    assert int(suite.get("tests")) == len(suite.findall("testcase"))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(attribute)) == len(suite.findall(f"testcase/{tag}"))
    bad = int(suite.get("failures")) + int(suite.get("errors"))
    assert (bad == 0) == (EVERY[kind].status is Status.PASSED)


def test_only_the_graders_faults_are_errors():
    """An exception in the student's code is a failure, as it is to pytest; ours is an error."""
    (suite,) = parsed(EVERY["every_property"])
    tags = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert tags == {
        "test_passed": [],
        "test_failed": ["failure"],
        "test_error": ["failure"],
        "test_skipped": ["skipped"],
    }
    (suite,) = parsed(EVERY["ungraded"])
    assert [child.tag for child in suite.find("testcase")] == ["error"]


def test_an_assignment_is_a_suite_for_each_exercise():
    """Suites and cases carry the exercise's name."""
    root = parsed(report(), report(Status.PARTIAL, number=12, slug="other"))
    assert [suite.get("name") for suite in root] == ["ex03_attention_scoring", "ex12_other"]
    assert {case.get("classname") for case in root[1].iter("testcase")} == {"ex12_other"}


def test_hostile_text_is_only_text():
    """Markup, ends of sections and characters that XML has none of come back as text."""
    (suite,) = parsed(EVERY["nasty"])
    assert suite.find("testcase/failure").text.startswith(clean(NASTY))
    found = {each.get("name"): each.get("value") for each in suite.iter("property")}
    titles = [value for name, value in found.items() if name.endswith(".title")]
    assert titles == [clean(NASTY)] * 2


# What `junit-10.xsd` of Jenkins's xUnit plugin allows: below each element its children, then its
# attributes, those with a star being required. Text may stand where a result is told.
JENKINS = {
    "testsuites": (["testsuite"], "name time tests failures errors"),
    "testsuite": (
        ["testsuite", "properties", "testcase", "system-out", "system-err"],
        "name* tests* failures* errors* group time skipped timestamp hostname id package file log",
    ),
    "properties": (["property"], ""),
    "property": ([], "name* value*"),
    "testcase": (
        ["skipped", "error", "failure", "system-out", "system-err"],
        "name* time classname group",
    ),
    "skipped": ([], "type message"),
    "error": ([], "type message"),
    "failure": ([], "type message"),
    "system-out": ([], ""),
    "system-err": ([], ""),
}
JENKINS_TEXT = {"skipped", "error", "failure", "system-out", "system-err"}
JENKINS_TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def against_jenkins(root):
    """Where a tree is not as Jenkins's schema has it."""
    assert root.tag in ("testsuites", "testsuite")
    for element in root.iter():
        children, words = JENKINS[element.tag]
        required = {word[:-1] for word in words.split() if word.endswith("*")}
        allowed = {word.removesuffix("*") for word in words.split()}
        yield from (
            f"{child.tag} in {element.tag}" for child in element if child.tag not in children
        )
        yield from (f"{element.tag} has {name}" for name in element.attrib.keys() - allowed)
        yield from (f"{element.tag} lacks {name}" for name in required - element.attrib.keys())
        time = element.get("time", "")
        if element.tag != "testcase" and not JENKINS_TIME.fullmatch(time):
            yield f"time {time}"
        texts = [element.text, *(child.tail for child in element)]
        if element.tag not in JENKINS_TEXT and any(text and text.strip() for text in texts):
            yield f"text in {element.tag}"


@pytest.mark.parametrize("kind", EVERY)
def test_jenkins_schema_holds(kind):
    """Jenkins's xUnit plugin refuses a whole file for one element that is out of place."""
    assert list(against_jenkins(parsed(EVERY[kind]))) == []
    assert list(against_jenkins(parsed(*EVERY.values()))) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<testcase name='a'><properties/></testcase>", "properties in testcase"),
        ("<testcase/>", "testcase lacks name"),
        ("<testcase name='a' status='run'/>", "testcase has status"),
        ("word", "text in testsuite"),
    ],
)
def test_what_jenkins_refuses_is_seen(text, says):
    """The check above is one."""
    suite = f"<testsuite name='x' tests='1' failures='0' errors='0'>{text}</testsuite>"
    assert list(against_jenkins(ElementTree.fromstring(suite))) == [says]


def test_what_is_known_of_a_property_stands_with_its_suite():
    """Its title and its points, by its name."""
    (suite,) = parsed(EVERY["every_property"])
    found = {each.get("name"): each.get("value") for each in suite.find("properties")}
    for case in suite.iter("testcase"):
        name = case.get("name")
        assert float(found[f"{name}.score"]) <= float(found[f"{name}.max_score"])
        assert found[f"{name}.title"]
