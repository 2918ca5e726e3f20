"""What a Chinese learner can rely on, and what an author of a translation hears."""

import ast
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
from commands import GRADE
from rich.cells import cell_len
from typer.testing import CliRunner

from grader import language
from grader.cli import LEARN, app
from grader.course import model as course
from grader.course import stubs
from grader.errors import UsageError
from grader.judge.harness import declare_marks
from grader.judge.prove.translated import lacking, lacking_in_course, untold

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "tests" / "example_course"
REFERENCE = ROOT / "solutions" / "ex03_attention_scoring" / "reference.py"


def grade(*arguments: object, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess:
    """Run the real program."""
    done = subprocess.run(
        [*GRADE, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **variables},
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def unscaled(tmp_path_factory):
    """An answer to exercise 3 that forgets to divide."""
    path = tmp_path_factory.mktemp("answers") / "unscaled.py"
    path.write_text(REFERENCE.read_text().replace(" / math.sqrt(d)", ""))
    return path


@pytest.mark.slow
def test_a_report_is_chinese_and_its_verdict_the_same(unscaled, grade_source):
    """The same submission has one verdict in both languages: score, properties, counterexample."""

    def graded(to: str) -> dict:
        with language.speaking(to):
            report = grade_source("3", unscaled.read_text(), speed=False)
            return json.loads(json.dumps(report.as_json()))

    english, chinese = graded("en"), graded("zh")
    for key in ("status", "score", "max_score", "seed", "schema"):
        assert english[key] == chinese[key]
    for one, other in zip(english["properties"], chinese["properties"], strict=True):
        assert {k: one[k] for k in ("name", "status", "score", "max_score")} == {
            k: other[k] for k in ("name", "status", "score", "max_score")
        }
        assert one["title"] != other["title"]
    assert chinese["exercise"]["title"] == "注意力评分"
    assert chinese["misconception"]["name"] == english["misconception"]["name"]
    assert "没有缩放" in chinese["misconception"]["explanation"]
    first = chinese["properties"][0]
    assert first["title"] == "每个分数是一个查询与一个键的点积，再除以 sqrt(d)。"
    assert first["message"].endswith("应为 0.410122。\n结果处处是应有值的 1.414 倍。")
    assert "tensor([[[0.7, 0.3]]]" in first["counterexample"]
    assert "grade hint 3" in chinese["next_step"]
    assert "--no-speed" in chinese["note"]


@pytest.mark.slow
def test_a_terminal_shows_no_english(unscaled):
    """The terminal's report is Chinese throughout, and no line is wider than the terminal."""
    done = grade("exercise", "3", "-s", unscaled, "--no-speed", LC_ALL="zh_CN.UTF-8")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert "练习 3：注意力评分" in done.stdout
    assert "0 / 100  未通过" in done.stdout
    for word in ("expected", "yours", "waits", "failed", "The ", "Your"):
        assert word not in done.stdout


@pytest.mark.slow
def test_the_statement_the_hints_and_the_list_are_chinese():
    """`show`, `hint` and `list` speak the language of --lang, before the command or after it."""
    assert "每个键用一个分数来回答" in grade("show", "3", "--lang", "zh").stdout
    assert "def attention_scores(queries: Tensor" in grade("show", "3", "--lang", "zh").stdout
    assert "把形状写下来" in grade("--lang", "zh", "hint", "3", "--tier", "1").stdout
    listed = grade("list", "--lang", "zh").stdout
    assert "核心六题" in listed
    assert "attention_scoring" in listed


def test_the_locale_chooses():
    """A Chinese locale is enough; --lang goes before it."""
    first = ("hint", "3", "--tier", "1")
    locale = {"LC_ALL": "", "LANG": "zh_CN.UTF-8"}
    assert "把形状写下来" in grade(*first, **locale).stdout
    assert "Write down the shapes" in grade(*first, "--lang", "en", **locale).stdout
    assert "Write down the shapes" in grade(*first).stdout


def test_every_command_of_a_learner_takes_a_language():
    """--lang stands with each command of the panel for learners."""
    commands = typer.main.get_command(app).commands.values()
    learning = [each for each in commands if each.rich_help_panel == LEARN]
    assert len(learning) > 5
    without = [c.name for c in learning if not any("--lang" in p.opts for p in c.params)]
    assert without == []


def test_a_language_that_is_not_there_is_said():
    """A wrong name is a usage error that lists the right ones."""
    done = grade("list", "--lang", "tlh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'tlh'" in done.stderr
    assert "en, zh" in done.stderr


@pytest.mark.slow
def test_a_course_without_translations_is_english():
    """A third party's course is shown as it is; the engine's own words are Chinese all the same."""
    shown = grade("show", "1", "--lang", "zh", "--course", EXAMPLE)
    assert "Root mean square" in shown.stdout
    assert "你的文件" in shown.stdout
    assert "Part one" in grade("list", "--lang", "zh", "--course", EXAMPLE).stdout
    done = grade("validate", "--translations", "--course", EXAMPLE)
    assert done.returncode == 2
    assert "no translations" in done.stderr


COURSE = """
title = "规范化"
[parts]
"Part one" = "第一部分"
"""
BEFORE = """
title = "均方根规范化"
statement = '''
练习 1：均方根规范化

逐层增大的数使训练不稳定。这一层把每个样本变到同样的大小，再让每一项各有增益。

    rms(x)  = sqrt(x_d^2 对 d 的均值 + eps)
    y_d     = x_d / rms(x) * weight_d

来源：Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019)；
eps 的位置与 torch.nn.RMSNorm 的文档相同。
'''
hints = [
    "x 中的哪些数决定了 x[n, d] 的结果？",
    "x.square().mean(dim=-1, keepdim=True) 对每个样本给出一个数。",
    "eps 在根号之下，与均值相加。",
    "return x / torch.sqrt(x.square().mean(dim=-1, keepdim=True) + eps) * weight",
]
[functions]
rms_norm = "使每个样本的均方根为 1，并缩放各项。x：(N, D)；weight：(D,)。返回 (N, D)。"
[todos]
rms_norm = '一批 N 个样本要除以多少个数？它们怎样与 D 个项对上？沿哪一个轴？'
"""
AFTER = """
[properties]
test_values = "每个样本除以它各数平方的均值的平方根，再乘以 weight。"
test_builtin = "结果与 torch 自带的 rms_norm 相同。"
test_scale = "不加 eps 时，样本放大 10 倍，结果不变。"
test_zeros = "全零的样本仍然全零，不会变成 nan。"
test_eps = "eps 在根号之下，并且就是传入的那个。"
[misconceptions]
"""


@pytest.fixture
def translated(tmp_path, pytestconfig):
    """The example course with its Chinese; `translated(before=...)` writes other texts."""
    declare_marks(pytestconfig)  # the properties are read in this process
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    room = tmp_path / "solutions" / "ex01_rms_norm"
    names = [
        line.split()[1].rstrip(":")
        for line in (room / "misconceptions.py").read_text().splitlines()
        if line.startswith("class ")
    ]
    explanations = "".join(f'{name} = "1e-6 eps torch.sqrt"\n' for name in names)
    (tmp_path / "exercises" / "zh").mkdir()

    def write(titles: str = COURSE, before: str = BEFORE, after: str = AFTER) -> Path:
        (tmp_path / "exercises" / "zh" / "course.toml").write_text(titles)
        (tmp_path / "exercises" / "zh" / "ex01_rms_norm.toml").write_text(before)
        (room / "zh.toml").write_text(after + explanations)
        return tmp_path

    return write


def problems(folder: Path) -> list[str]:
    """Everything that is not right with the course's Chinese."""
    exercise = course.load(folder).exercise("1")
    return [*lacking_in_course(folder, "zh"), *lacking(exercise, "zh")]


def test_a_translation_that_is_complete(translated):
    """With every text there, nothing is lacking, and the course is Chinese."""
    folder = translated()
    assert problems(folder) == []
    with language.speaking("zh"):
        found = course.load(folder)
    assert (found.title, found.exercises[0].part) == ("规范化", "第一部分")
    assert found.exercises[0].title == "均方根规范化"
    hints = found.exercises[0].hints
    assert [hint.property for hint in hints] == ["", "test_values", "test_zeros", ""]
    assert hints[2].text == "eps 在根号之下，与均值相加。"


@pytest.mark.parametrize(
    ("which", "text", "other", "said"),
    [
        ("titles", 'title = "规范化"', "", "course.toml has no title"),
        ("titles", "Part one", "Part two", "lacks Part one"),
        ("titles", "Part one", "Part two", "has Part two, which is not in the English text"),
        ("before", 'title = "均方根规范化"', "", "no title"),
        ("before", "练习 1：均方根规范化", "练习 1：", "does not end with the title"),
        ("before", "    y_d", "y_d", "1 indented lines instead of 2"),
        ("before", "(2019)", "", "the statement loses 2019"),
        ("before", '    "eps 在根号之下，与均值相加。",\n', "", "3 hints instead of 4"),
        ("before", "torch.sqrt", "sqrt", "hint 4 loses torch.sqrt"),
        ("before", "(N, D)", "N 乘 D", "[functions] rms_norm loses (N, D)"),
        ("before", "rms_norm =", "other =", "[functions] lacks rms_norm"),
        ("before", "rms_norm = '一", "other = '一", "[todos] lacks rms_norm"),
        ("before", "rms_norm = '一", "other = '一", "[todos] has other"),
        ("before", "哪一个轴", 12 * "哪一个轴", "[todos] rms_norm has a line of"),
        ("before", "逐层增大的数", 20 * "逐层增大的数", "has a line of"),
        ("after", "test_zeros =", "test_null =", "[properties] lacks test_zeros"),
        ("after", "test_zeros =", "test_null =", "has test_null, which is not"),
        (
            "after",
            "[misconceptions]",
            "[misconceptions]\nNobody = '无'",
            "has Nobody, which is not",
        ),
        (
            "after",
            "[misconceptions]",
            "[sentences]\nx = 'y'\n[misconceptions]",
            "[sentences] has x",
        ),
        ("after", "[misconceptions]", "[plot]\ntitle = '图'\n[misconceptions]", "[plot] has title"),
        ("after", "[misconceptions]", "[wrong]\nno = '无'\n[misconceptions]", "[wrong] no: there"),
    ],
)
def test_what_a_translation_lacks_is_said(which, text, other, said, translated):
    """Each text that is missing, left over, or has lost something is named with its file."""
    whole = {"titles": COURSE, "before": BEFORE, "after": AFTER}[which]
    assert text in whole
    found = problems(translated(**{which: whole.replace(text, other)}))
    assert any(said in problem for problem in found), found
    assert all(".toml" in problem for problem in found)


@pytest.mark.parametrize("number", ["3", "44"])
def test_a_stub_is_chinese_with_its_methods_and_what_they_ask(number):
    """Docstrings of functions, classes and methods, and the question at each TODO; the code is what
    it was."""
    exercise = course.load(ROOT).exercise(number)
    text = exercise.stub.read_text(encoding="utf-8")
    with language.speaking("zh"):
        chinese = stubs.translated(exercise, text)
    tree = ast.parse(chinese)
    said = [ast.get_docstring(node) for _, node in stubs.definitions(tree)]
    said += stubs.todos(chinese).values()
    assert len(said) == len(list(stubs.definitions(tree))) + text.count("# TODO")
    assert all(re.search("[\u4e00-\u9fff]", each) for each in said), said
    assert bare(text) == bare(chinese)


def bare(text: str) -> str:
    """The code without docstrings and comments."""
    tree = ast.parse(text)
    for node in (tree, *(each for _, each in stubs.definitions(tree))):
        if ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


@pytest.mark.slow
def test_a_title_of_a_law_that_is_filled_in_is_the_engines_to_translate():
    """`It predicts {unseen} better ...`: the room need not say again what the engine says."""
    exercise = course.load(ROOT).exercise("58")
    assert list(lacking(exercise, "zh")) == []


def test_a_file_that_is_missing_or_left_over_is_said(translated):
    """So are a whole file without its counterpart, and one of an exercise that is gone."""
    folder = translated()
    (folder / "exercises" / "zh" / "ex01_rms_norm.toml").rename(
        folder / "exercises" / "zh" / "ex07_gone.toml"
    )
    assert problems(folder) == [
        "exercises/zh/ex07_gone.toml belongs to no exercise",
        "exercises/zh/ex01_rms_norm.toml is missing",
    ]


def test_wrong_answers_that_are_not_told_are_listed(translated):
    """What a wrong answer does may be untold in a language: then it is not named there."""
    exercise = course.load(translated()).exercise("1")
    names, count = untold(exercise, "zh")
    assert len(names) == count > 1
    told = f"[wrong]\n{names[0]} = '它如此。'\n[misconceptions]"
    translated(after=AFTER.replace("[misconceptions]", told))
    assert untold(exercise, "zh") == (names[1:], count)


@pytest.mark.slow
def test_every_mistake_that_has_a_name_has_one_in_chinese():
    """Who reads Chinese is told no less of what their code seems to do."""
    untold_there = {e.number: untold(e, "zh")[0] for e in course.load(ROOT).exercises}
    assert {number: names for number, names in untold_there.items() if names} == {}


@pytest.mark.slow
def test_validate_says_what_a_translation_lacks(translated):
    """`grade validate --translations` looks at the texts alone, and fails where one is missing."""
    folder = translated()
    words = ["validate", "--translations", "--course", str(folder)]
    done = CliRunner().invoke(app, words)  # in this process, which has torch already
    assert (done.exit_code, done.stderr) == (0, "")
    assert "every text is there in zh" in done.stdout
    translated(after=AFTER.replace("test_eps", "test_epsilon"))
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "solutions/ex01_rms_norm/zh.toml: [properties] lacks test_eps" in done.stdout


@pytest.mark.parametrize(
    "text", ["title =", "title = 1", "hints = 'one'", "functions = ['f']", "titel = 'x'"]
)
def test_a_translation_that_cannot_be_read_is_said(text, translated):
    """A broken file is a usage error that names it, for the learner too."""
    folder = translated(before=text)
    with language.speaking("zh"), pytest.raises(UsageError, match=r"zh/ex01_rms_norm\.toml"):
        course.load(folder)
    assert course.load(folder).exercises[0].title.startswith("Root")
