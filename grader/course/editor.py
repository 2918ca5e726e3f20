"""What an editor is given with the stubs: tasks that grade the file that is open, a way to debug
the call that fails, and settings. The form is that of Visual Studio Code, which others read too."""

import json
from typing import Any

from grader.language import say

FOLDER = ".vscode"
# A line of `--format problems`.
PATTERN = r"^(.+?):(\d+): (error|warning|info): (.*)$"
EXTENSIONS = ("ms-python.python", "ms-python.debugpy", "ms-toolsai.jupyter")
HIDDEN = ("**/__pycache__", "**/.grade.sqlite*", "**/.ipynb_checkpoints")
IGNORED = """\
.venv/
__pycache__/
.ipynb_checkpoints/
.grade.sqlite*
*.kept-*.py
debug_ex*.py
debug_ex*.pt
"""


def files() -> dict[str, str]:
    """The files by their paths in the workspace, in the language in use."""
    written = say("grade: write the call that fails")
    tasks = {
        "version": "2.0.0",
        "tasks": [
            {
                **_task(say("grade: this file"), "exercise", "${file}", "--format", "problems"),
                "group": {"kind": "test", "isDefault": True},
                "problemMatcher": {
                    "owner": "grade",
                    "fileLocation": ["autoDetect", "${workspaceFolder}"],
                    "pattern": {
                        "regexp": PATTERN,
                        "file": 1,
                        "line": 2,
                        "severity": 3,
                        "message": 4,
                    },
                },
            },
            _task(say("grade: the whole report on this file"), "exercise", "${file}"),
            _task(say("grade: watch this file"), "watch", "${file}"),
            _task(say("grade: a hint for this file"), "hint", "${file}"),
            _task(written, "debug", "${file}", "--no-run"),
        ],
    }
    launch = {
        "version": "0.2.0",
        "configurations": [
            {
                "name": say("grade: debug the call that fails"),
                "type": "debugpy",
                "request": "launch",
                "program": "${fileDirname}/debug_${fileBasenameNoExtension}.py",
                "preLaunchTask": written,
                "console": "integratedTerminal",
            }
        ],
    }
    settings = {"files.exclude": dict.fromkeys(HIDDEN, True)}
    contents = {
        "tasks.json": tasks,
        "launch.json": launch,
        "settings.json": settings,
        "extensions.json": {"recommendations": list(EXTENSIONS)},
    }
    return {
        f"{FOLDER}/{name}": json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        for name, content in contents.items()
    }


def _task(label: str, *words: str) -> dict[str, Any]:
    """A task that runs the program with the Python that is chosen in the editor."""
    return {
        "label": label,
        "type": "process",
        "command": "${command:python.interpreterPath}",
        "args": ["-m", "grader", *words],
        "options": {"cwd": "${workspaceFolder}"},
        "presentation": {"clear": True, "showReuseMessage": False},
        "problemMatcher": [],
    }
