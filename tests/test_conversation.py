"""The judge and a student's code talk over plain data, and what goes wrong costs what it must and no more."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time

import msgspec
import numpy as np
import pytest
from hypothesis import strategies as st

from autograder import properties as graded
from autograder.judge.conversation import StudentFunction, StudentObject
from autograder.judge.exercise import MAX_UNANSWERED, judge_properties
from autograder.judge.notebook import NotebookPlan, Step, judge_notebook
from autograder.properties import find_graded
from labkit.properties import Exercise, Simulator, StudentError, Unanswered
from labkit.results import Violation, array


def call(conversation, name, *args, **kwargs):
    """Call a function of the student's notebook by name."""
    return conversation.call("call", name, "", args=args, kwargs=kwargs)


class Counter(Simulator):
    """A simulator that counts its steps; ``reset`` is not for students."""

    methods = ("step", "value_of")
    attributes = ("size",)

    def __init__(self):
        self.size, self.steps, self.secret = 7, 0, "hidden"

    def step(self, by=1):
        self.steps += by
        return self.steps

    def reset(self):
        self.steps = 0

    def value_of(self, model):
        return model.predict(self.size)


# Values and callbacks


def test_a_function_gets_private_writable_copies_of_its_inputs(talk):
    conversation = talk("def f(x):\n    x += 1\n    return x")
    sent = np.zeros(3)
    assert call(conversation, "f", sent).tolist() == [1, 1, 1]
    assert sent.tolist() == [0, 0, 0]


def test_keyword_arguments_and_numpy_scalars_arrive_as_themselves(talk):
    conversation = talk("def f(*args, **kwargs): return [type(x).__name__ for x in (*args, *kwargs.values())]")
    assert call(conversation, "f", 1, True, np.int64(1), a=(1,), b=np.float32(2)) == [
        "int", "bool", "int64", "tuple", "float32"
    ]  # fmt: skip


def test_a_simulator_is_called_where_the_judge_holds_it_and_its_calls_are_counted(talk):
    conversation, simulator = (
        talk("def f(sim):\n    for _ in range(5): sim.step()\n    return sim.step(by=10)"),
        Counter(),
    )
    assert call(conversation, "f", simulator) == 15
    assert simulator.steps == 15


def test_attributes_of_a_simulator_are_shown_and_others_are_not(talk):
    conversation = talk("def f(sim): return sim.size\ndef g(sim): return sim.secret()")
    assert call(conversation, "f", Counter()) == 7
    with pytest.raises(StudentError, match="no method 'secret'"):
        call(conversation, "g", Counter())


@pytest.mark.parametrize("method", ["reset", "__class__", "__init__", "_export", "secret", "nothing"])
def test_a_method_that_is_not_offered_is_refused(talk, method):
    conversation, simulator = (
        talk("def f(sim, method): return sim._worker.call_judge(sim._number, method, (), {})"),
        Counter(),
    )
    simulator.steps = 3
    with pytest.raises(StudentError, match="no method"):
        call(conversation, "f", simulator, method)
    assert simulator.steps == 3
    assert conversation.alive


@pytest.mark.parametrize("number", ["-1", "99", "True", "'0'", "None"])
def test_a_simulator_that_was_not_given_cannot_be_asked(talk, number):
    conversation = talk(f"def f(sim): return sim._worker.call_judge({number}, 'step', (), {{}})")
    simulator = Counter()
    with pytest.raises(Unanswered, match="not given"):
        call(conversation, "f", simulator)
    assert simulator.steps == 0


def test_what_a_simulator_raises_reaches_the_student_as_a_value_error_and_ends_nothing(talk):
    conversation = talk(
        "def f(sim):\n    try: sim.step('three')\n    except ValueError as error: return type(error).__name__"
    )
    assert call(conversation, "f", Counter()) == "ValueError"


def test_a_function_of_the_judge_can_be_handed_over_and_called(talk):
    conversation = talk("def f(g): return [g(x) for x in range(4)]")
    seen = []
    assert call(conversation, "f", lambda x: seen.append(x) or x * x) == [0, 1, 4, 9]
    assert seen == [0, 1, 2, 3]


MODEL = """
class Model:
    def __init__(self, slope): self.slope = slope
    def predict(self, x): return self.slope * x
    def __call__(self, x): return -self.slope * x
def fit(slope): return Model(slope)
def use(model, x): return (type(model).__name__, model.predict(x))
def same(one, other): return one is other
"""


def test_an_object_stays_where_it_is_and_its_methods_can_be_called(talk):
    model = call(talk(MODEL), "fit", 3)
    assert isinstance(model, StudentObject)
    assert type(model).__name__ == "Model"
    assert model.predict(2) == 6
    assert model(2) == -6


def test_a_handle_that_is_passed_back_is_the_same_object_again(talk):
    conversation = talk(MODEL)
    model, other = call(conversation, "fit", 3), call(conversation, "fit", 3)
    assert call(conversation, "use", model, 5) == ("Model", 15)
    assert call(conversation, "same", model, model) is True
    assert call(conversation, "same", model, other) is False
    assert call(conversation, "same", {"a": [model]}["a"][0], model) is True


def test_a_simulator_that_the_student_passes_back_is_the_judges_own(talk):
    simulator = Counter()
    assert call(talk("def f(sim): return [sim, sim]"), "f", simulator) == [simulator, simulator]


def test_judge_and_student_can_call_each_other_in_turn(talk):
    conversation = talk(MODEL + "def f(sim): return sim.value_of(fit(4)) + sim.step()")
    simulator = Counter()
    assert call(conversation, "f", simulator) == 28 + 1
    depth = talk("def f(g, n): return 0 if n == 0 else 1 + g(n - 1)")

    def again(n):
        return call(depth, "f", again, n)

    assert call(depth, "f", again, 20) == 20


def test_endless_recursion_between_judge_and_student_ends_with_a_reason(talk):
    conversation = talk("def f(g): return g()")

    def again():
        return call(conversation, "f", again)

    with pytest.raises((StudentError, Unanswered)):
        call(conversation, "f", again)


def test_what_the_student_raises_inside_a_callback_comes_back_as_their_error(talk):
    conversation = talk(
        "class Bad:\n    def predict(self, x): raise KeyError('inner')\ndef f(sim): return sim.value_of(Bad())"
    )
    with pytest.raises(StudentError, match="KeyError"):
        call(conversation, "f", Counter())


def test_an_object_of_the_judge_that_is_no_simulator_never_leaves(talk):
    class Secret:
        pass

    with pytest.raises(Unanswered, match="cannot be"):
        call(talk("def f(x): return 1"), "f", Secret())


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("raise ValueError('too\\nlong')", "ValueError", "too\nlong"),
        ("raise NotImplementedError", "NotImplementedError", ""),
        ("return missing", "NameError", "missing"),
        ("return f()", "RecursionError", "recursion"),
        ("raise ValueError('\\ud800')", "ValueError", "?"),
        ("raise ValueError('x' * 10**6)", "ValueError", "xxx"),
        ("raise SystemExit(3)", "SystemExit", "3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("return iter([1]).nothing", "AttributeError", "nothing"),
        ("return '\\ud800'", "TypeError", "cannot be used"),
    ],
)
def test_an_exception_arrives_as_its_name_and_message(talk, body, kind, text):
    conversation = talk(f"def f(): {body}")
    with pytest.raises(StudentError) as raised:
        call(conversation, "f")
    assert raised.value.kind == kind
    assert text in raised.value.text
    assert len(raised.value.text) <= 2000
    assert conversation.alive


def test_an_exception_that_cannot_be_told_still_has_a_name(talk):
    conversation = talk("class Odd(Exception):\n    def __str__(self): raise self\ndef f(): raise Odd")
    with pytest.raises(StudentError) as raised:
        call(conversation, "f")
    assert raised.value.kind == "Odd"


def test_a_missing_function_is_a_name_error(talk):
    with pytest.raises(StudentError, match="'g' is not defined"):
        call(talk("def f(): return 1"), "g")


def test_readers_give_the_same_verdict_on_both_sides_of_the_wire(talk):
    """``check`` in a notebook and the judge accept and refuse the same values."""
    code = """
import numpy as np, torch, collections, array as arrays
from fractions import Fraction
from decimal import Decimal
class Lazy:
    def __array__(self, dtype=None, copy=None): return np.arange(3.0)
class Number:
    def __float__(self): return 1.0
VALUES = {
    "fractions": [Fraction(1, 3)] * 3, "decimals": [Decimal(1)] * 3, "range": range(3),
    "matrix": np.arange(3).view(np.matrix), "row": np.arange(3.0).reshape(1, 3),
    "masked": np.ma.array([1.0, 2, 3], mask=[0, 1, 0]), "objects": np.array([1, Fraction(1), 2.0], dtype=object),
    "objects of text": np.array(["1", "2", "3"], dtype=object),
    "objects with None": np.array([1, None, 2], dtype=object),
    "generator": (x for x in [1, 2, 3]), "none": None, "text": "123", "texts": ["1", "2", "3"],
    "array of text": np.array(["1", "2", "3"]), "bytes": b"123",
    "bytearray": bytearray(b"123"), "ragged": [[1], [1, 2], [3]],
    "complex without imaginary part": np.array([1 + 0j, 2, 3]), "complex": [1j, 2, 3], "complex list": [1 + 0j, 2, 3],
    "booleans": [True, False, True], "array of booleans": np.array([True, False, True]), "floats": [1.0, 2.0, 0.0],
    "fractional": [0.5, 1.0, 2.0], "tensor": torch.arange(3),
    "tensor with gradient": torch.arange(3.0).requires_grad_(),
    "bfloat16": torch.arange(3).bfloat16(), "complex tensor": torch.arange(3).to(torch.complex64),
    "tensors": [torch.tensor(1.0)] * 3, "tensors with gradient": [torch.tensor(1.0, requires_grad=True)] * 3,
    "scalars": [np.float32(1)] * 3, "arrays of no axis": [np.array(1)] * 3, "dates": np.array([1, 2, 3], "M8[s]"),
    "long": np.arange(3, dtype=np.longdouble), "long complex": np.arange(3).astype(np.clongdouble),
    "deque": collections.deque([1, 2, 3]), "array module": arrays.array("d", [1, 2, 3]),
    "memory": memoryview(np.arange(3.0)), "set": {1, 2, 3}, "dict": {0: 1, 1: 2, 2: 3},
    "lazy": Lazy(), "odd": [Number()] * 3,
    "huge": [10**400, 1, 2], "large": [10**100, 1, 2],
    "not a number": [1, float("nan"), 2], "endless": [1, float("inf"), 2],
    "function": len, "class": int, "mixed": [1, "2", 3],
    "tuple": (1, 2, 3), "empty": [], "other order": np.arange(3, dtype=">f8"),
    "strided": np.arange(6.0)[::2], "a pair": ([1, 2, 3], [0, 1, 2]), "a pair as a list": [np.arange(3.0), [0, 1, 2]],
    "a pair as objects": np.array([[1, 2, 3], [0, 1, 2]], dtype=object), "a pair as one array": np.ones((2, 3)),
    "a pair of text": "ab", "three": (1, 2, 3), "a pair in a dict": {"V": 1, "policy": 2},
}
def f(name): return VALUES[name]
"""
    here: dict = {}
    exec(code, here)
    conversation = talk(code)
    readers = {
        "array": "labkit.results.array(value, (3,), 'V')",
        "actions": "labkit.results.actions(value, 3, 9)",
        "pair": "[labkit.results.array(part, (3,), 'part') for part in labkit.results.pair(value)]",
    }
    accepted = set()
    for name, value in here["VALUES"].items():
        for reader in readers:
            mine = _read(reader, lambda value=value: value)
            theirs = _read(reader, lambda name=name: call(conversation, "f", name))
            assert (mine is None) == (theirs is None), (name, reader, mine, theirs)
            assert mine is None or all(map(np.array_equal, mine, theirs)), (name, reader)
            accepted |= {(name, reader)} if mine is not None else set()
    assert ("fractions", "array") in accepted
    assert ("array of booleans", "actions") in accepted
    assert ("floats", "actions") in accepted
    assert ("a pair", "pair") in accepted
    refused = {"generator", "none", "text", "texts", "array of text", "objects of text", "ragged", "complex", "dates"}
    assert not {name for name, _ in accepted} & refused


def _read(reader, get):
    from labkit.results import actions, pair

    try:
        value = get()
        if reader == "pair":
            return [array(part, (3,), "part") for part in pair(value)]
        return [array(value, (3,), "V") if reader == "array" else actions(value, 3, 9)]
    except (Violation, StudentError):
        return None


# Whole notebooks


def test_a_crash_in_one_exercise_leaves_the_points_of_the_others(judge):
    result = judge(
        "import os\ndef f(): return 1\ndef g(): os._exit(0)\ndef h(): return 3",
        ("f", "assert f() == 1"),
        ("g", "assert g() == 2"),
        ("h", "assert h() == 3"),
        functions=("f", "g", "h"),
    )
    assert [each.score for each in result.exercises] == [1, 0, 1]
    assert "ended its own process" in result.exercises[1].message


@pytest.mark.parametrize("target", ["os.kill(-1, 9)", "os.kill(1, 9)", "os.killpg(0, 9)", "os.kill(os.getpid(), 9)"])
def test_a_function_that_kills_what_it_can_reach_costs_no_other_exercise(judge, target):
    result = judge(
        f"import os\ndef f(): {target}\ndef g(): return 2\ndef h(): return 3",
        ("f", "assert f() == 1"),
        ("g", "assert g() == 2"),
        "still_running = True",
        ("h", "assert h() == 3"),
        functions=("f", "g", "h"),
    )
    assert [each.score for each in result.exercises] == [0, 1, 1]


def test_a_cell_that_kills_its_process_costs_only_its_own_exercise(judge):
    result = judge(
        "def f(): return 1",
        ("f", "assert f() == 1"),
        "import os\ndef g(): return 2\nos._exit(0)",
        ("g", "assert g() == 2"),
        "def h(): return f() + 2",
        ("h", "assert h() == 3"),
        functions=("f", "g", "h"),
    )
    assert [each.score for each in result.exercises] == [1, 0, 1]
    assert "ended its own process" in result.cells["cell-2"].error


def test_a_syntax_error_costs_only_its_own_exercise(judge):
    result = judge("def f(: return 1", ("f", "f()"), "def g(): return 2", ("g", "assert g() == 2"))
    assert [each.score for each in result.exercises] == [0, 1]
    assert result.cells["cell-0"].error.startswith("SyntaxError: ")
    assert "line 1" in result.cells["cell-0"].error


def test_each_test_meets_the_notebook_as_it_was_at_its_place(judge):
    result = judge(
        "def f(): return 'first'",
        ("before", "assert f() == 'first'"),
        "def f(): return 'second'",
        ("after", "assert f() == 'second'"),
    )
    assert [each.score for each in result.exercises] == [1, 1]


def test_what_one_test_does_to_the_notebook_is_gone_before_the_next(judge):
    result = judge(
        "import numpy as np\nseen = []\ndef f():\n    seen.append(1)\n    np.pi = 3\n    return len(seen)\n"
        "def g(): return np.pi",
        ("f", "assert [f(), f()] == [1, 2]"),
        ("again", "assert f() == 1"),
        ("g", "assert round(g(), 2) == 3.14"),
    )
    assert [each.score for each in result.exercises] == [1, 1, 1]


@pytest.mark.parametrize(
    ("test", "score", "message"),
    [
        ("assert f(2) == 4", 1, ""),
        ("import numpy as np\nnp.testing.assert_allclose(f(np.ones(2)), 2)", 1, ""),
        ("assert f(2) == 5", 0, "The check failed."),
        ("assert f(2) == 5, 'twice two is not five'", 0, "The check failed: twice two is not five"),
        ("f('x') + 1", 0, "could not be judged"),
        ("f()", 0, "It raised TypeError"),
        ("g()", 0, "It raised NameError"),
        ("raise RuntimeError('a mistake in the check')", 0, "not your fault"),
        ("1 +", 0, "not your fault"),
        ("check(f)", 0, "not your fault"),
    ],
)
def test_a_plain_test_cell_gives_all_its_points_or_none(judge, test, score, message):
    result = judge("def f(x): return 2 * x", ("f", test))
    assert result.exercises[0].score == score
    assert message in result.exercises[0].message


def test_output_of_a_cell_is_kept_and_what_it_prints_to_stderr_costs_nothing(judge):
    result = judge(
        "import sys, warnings\nprint('out')\nprint('err', file=sys.stderr)\nwarnings.warn('careful')",
        "def f(): return 1",
        ("f", "assert f() == 1"),
    )
    assert result.exercises[0].score == 1
    assert "out\nerr\n" in result.cells["cell-0"].output
    assert result.cells["cell-0"].error == ""


def test_printing_a_result_changes_none(judge):
    forged = "print('1.0'); print('{\"score\": 1}')\nimport os; os.write(1, b'1.0')\ndef f(): print(1.0); return 0"
    assert judge(forged, ("f", "assert f() == 1")).exercises[0].score == 0


def test_strange_characters_in_output_and_sources_do_no_harm(judge):
    result = judge(
        "print('\\ud800')\ndef f(): return 1", ("f", "assert f() == 1"), "x = '\0'", ("g", "assert f() == 1")
    )
    assert [each.score for each in result.exercises] == [1, 1]
    assert "SyntaxError" in result.cells["cell-2"].error
    assert json.dumps(result.cells["cell-0"].output).isascii()


# Properties


@pytest.fixture
def exercise(monkeypatch):
    """An exercise called f that the judge knows for the time of one test."""
    public, hidden = Exercise("f", "a_notebook"), Exercise("f", "a_notebook")
    monkeypatch.setitem(graded.EXERCISES, "f", public)
    monkeypatch.setitem(graded.HIDDEN, "f", hidden)
    monkeypatch.setattr(graded, "reference", lambda name: lambda x: 2 * x)
    from autograder.judge import answers, misconceptions, notebook

    for module in (answers, misconceptions, notebook):
        if hasattr(module, "reference"):
            monkeypatch.setattr(module, "reference", graded.reference)
    return public, hidden


def add(exercise, name, holds, public=True, weight=1, cases=None):
    holds.__name__ = name
    strategy = cases if cases is not None else st.fixed_dictionaries({"x": st.integers(0, 9)})
    exercise.property(f"The property {name} holds.", cases=strategy, weight=weight, public=public, trials=10)(holds)


def doubles(f, x):
    if f(x) != 2 * x:
        raise Violation(f"f({x}) should be {2 * x}, the secret number.")


def test_partial_credit_is_the_share_of_the_weights_that_hold(judge, exercise):
    add(exercise[0], "returns_numbers", lambda f, x: f(x) + 0, weight=1)
    add(exercise[1], "doubles", doubles, public=False, weight=3)
    result = judge("def f(x): return 2 * x if x < 5 else 0", ("f", "check(f)")).exercises[0]
    assert result.score == 0.25
    assert [each.passed for each in result.properties] == [True, False]
    assert judge("def f(x): return 2 * x", ("f", "check(f)")).exercises[0].score == 1


def test_a_bug_in_a_check_gives_no_points_says_so_and_is_not_taken_for_a_judgement(judge, exercise):
    add(exercise[0], "has_a_bug", lambda f, x: f(x) and {}["missing"])
    result = judge("def f(x): return 1 + x", "def g(): return 1", ("f", "check(f)"), ("g", "assert g() == 1"))
    assert not result.judged
    assert result.exercises[0].score == 0
    assert "not your fault" in result.exercises[0].message
    assert result.exercises[1].score == 1
    assert any("KeyError" in problem for problem in result.problems)


def test_a_failed_public_property_shows_its_counterexample_and_a_hidden_one_shows_nothing(judge, exercise):
    add(exercise[0], "doubles_openly", lambda f, x: doubles(f, x))
    add(exercise[1], "doubles_hidden", lambda f, x: doubles(f, x), public=False)
    public, hidden = judge("def f(x): return 2 * x + (x > 3)", ("f", "check(f)")).exercises[0].properties
    assert public.message == "f(4) should be 8, the secret number."
    assert public.counterexample == "x = 4"
    assert hidden.message == "This does not hold for some valid input."
    assert hidden.counterexample == ""


@pytest.mark.parametrize("kind", ["ValueError", "Leak"])
def test_what_a_function_raises_in_a_hidden_property_is_told_without_its_text(judge, exercise, kind):
    add(exercise[1], "doubles", lambda f, x: doubles(f, x), public=False)
    raising = f"class Leak(Exception): pass\ndef f(x): raise {kind}(f'the hidden input is {{x}}')"
    (hidden,) = judge(raising, ("f", "check(f)")).exercises[0].properties
    told = "ValueError" if kind == "ValueError" else "an exception"
    assert hidden.message == f"It raised {told} on some valid input."
    assert "input is" not in repr(hidden)


def test_an_exception_class_named_after_a_hidden_input_carries_nothing_out(judge, exercise):
    add(exercise[1], "doubles", lambda f, x: doubles(f, x), public=False)
    (hidden,) = judge("def f(x): raise type(f'input_{x}', (Exception,), {})", ("f", "check(f)")).exercises[0].properties
    assert "input_" not in repr(hidden)


def test_after_two_properties_without_an_answer_the_rest_is_not_tried(quick_cage, judge, exercise):
    for number in range(5):
        add(exercise[1], f"doubles_{number}", lambda f, x: doubles(f, x), public=False)
    began = time.monotonic()
    properties = judge("import time\ndef f(x): time.sleep(60)", ("f", "check(f)")).exercises[0].properties
    assert time.monotonic() - began < (MAX_UNANSWERED + 2) * quick_cage.limits.call_seconds + 2
    assert ["No answer within 3 seconds" in each.message for each in properties] == [True, True, False, False, False]
    assert all("Not tried" in each.message for each in properties[MAX_UNANSWERED:])
    assert not any(each.passed for each in properties)


def test_a_function_that_crashes_once_is_asked_again_for_the_next_property(judge, exercise):
    add(exercise[0], "survives_one", lambda f, x: f(1))
    add(exercise[0], "doubles", lambda f, x: doubles(f, 2))
    result = judge("import os\ndef f(x): return 2 * x if x != 1 else os._exit(0)", ("f", "check(f)")).exercises[0]
    assert [each.passed for each in result.properties] == [False, True]
    assert result.score == 0.5


def test_judging_properties_prepares_before_each_of_them(exercise):
    for number in range(3):
        add(exercise[0], f"holds_{number}", lambda f, x: None)
    prepared = []
    function = StudentFunction("f", lambda: None)
    outcomes = judge_properties(exercise[0].properties, function, "f", 0, lambda: prepared.append(1))
    assert len(prepared) == 3
    assert all(outcome.passed for outcome in outcomes)


# Determinism


def test_judging_the_same_plan_twice_gives_the_same_result(judge, quick_cage):
    wrong = "def bellman_q(P, R, V, gamma): return R + gamma * P @ V if len(V) < 9 else R"
    test = ("bellman_q", "check(bellman_q)")
    first, second = (judge(wrong, test, functions=("bellman_q",)) for _ in range(2))
    assert 0 < first.score < 1
    assert _without_times(first) == _without_times(second)


def test_another_seed_gives_other_cases_and_the_same_grade(solved_plan, cage):
    result = judge_notebook(cage, solved_plan, seed=12345)
    assert result.score == result.max_score
    from autograder.properties import seed_of

    assert seed_of(0, "f", "p") != seed_of(1, "f", "p")


def _without_times(result):
    import msgspec

    raw = json.loads(msgspec.json.encode(result))
    for exercise in raw["exercises"]:
        exercise["seconds"] = exercise["slowest_call"] = 0
    return raw


DIGEST = """
import hashlib, sys
{before}
from autograder.judge import exercise
from autograder.properties import find_graded, seed_of
from labkit.properties import known_cases
digest = hashlib.sha256()
for name in ("bellman_q", "value_iteration"):
    for prop in find_graded(name):
        digest.update(repr(known_cases(prop, seed_of(0, name, prop.name))).encode())
print(digest.hexdigest())
"""


def test_cases_do_not_depend_on_which_modules_are_loaded(tmp_path):
    (tmp_path / "local_numbers.py").write_text("TEMPTING = [2, 3, 1, 0.5, 0.25, 1.5, -3]\nWORDS = ['abc', 'xyz']\n")
    load = "sys.path.insert(0, '.'); import local_numbers, labkit.plots, autograder.grading.grade, tests.bank.planning"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", DIGEST.format(before=before)],
            capture_output=True, text=True, check=True, cwd=tmp_path, env={"PYTHONPATH": _kit(), "PATH": "/usr/bin"},
        ).stdout
        for before in ("", load)
    }  # fmt: skip
    here = hashlib.sha256()
    from autograder.properties import seed_of
    from labkit.properties import known_cases

    for name in ("bellman_q", "value_iteration"):
        for prop in find_graded(name):
            here.update(repr(known_cases(prop, seed_of(0, name, prop.name))).encode())
    assert outputs == {here.hexdigest() + "\n"}


def _kit():
    from autograder import KIT

    return str(KIT)


FORGE = """
import os, struct
import msgspec

def send(*tree):
    body = msgspec.msgpack.encode(["t", list(tree)])
    os.write(4, struct.pack("<II", len(body), 0) + body)
"""
FORGED = [
    'send("ran")',
    'send("ran", 1, 2)',
    'send("ran", ["d", [["error", "E"], ["text", 1], ["output", ""]]])',
    'send("ended", -65)',
    'send("ended", ["i", "-0x" + "f" * 1000])',
    'send("ended", 10**18)',
    'send("ended")',
]


@pytest.mark.parametrize("forged", FORGED)
def test_a_cell_that_forges_how_it_went_costs_itself_only(judge, forged):
    result = judge(FORGE + forged, "def f(x):\n    return x", ("f", "assert f(1) == 1"))
    assert result.judged
    assert result.score == 1
    assert "process" in result.cells["cell-0"].error or "could not be read" in result.cells["cell-0"].error


@pytest.mark.parametrize(
    "forged", ['send("kept")', 'send("kept", "x")', 'send("kept", None, None)', 'send("kept", ["l", []])']
)
def test_a_forged_keep_is_answered_out_of_turn_and_judged_on(judge, forged):
    result = judge(FORGE, "def f(x):\n    return x", forged, ("f", "assert f(1) == 1"), ("g", "assert 1 == 1"))
    assert result.judged
    assert result.score <= 2


@pytest.mark.parametrize(
    "forged",
    [
        *FORGED,
        'send("callback", 0, "x", ["t", []], ["d", []], 5)',
        'send("callback")',
        'send("raised", "E")',
        'send("value")',
    ],
)
def test_an_answer_with_parts_missing_or_too_many_is_no_answer(judge, forged):
    result = judge(FORGE + f"def f(x):\n    {forged}\n    return x", ("f", "assert f(1) == 1"), ("g", "assert 1 == 1"))
    assert result.judged
    assert [each.score for each in result.exercises] == [0, 1]


def test_what_a_process_says_of_itself_is_cut(judge):
    body = '["d", [["error", "E" * 900_000], ["text", "t" * 900_000], ["output", "x" * 200_000]]]'
    result = judge(f'{FORGE}send("ran", {body})')
    run = result.cells["cell-0"]
    assert len(run.output) <= 21_000
    assert len(run.error) <= 2200


def test_what_is_not_written_is_not_asked_and_costs_nothing(quick_cage):
    cell = Step("cell", "bellman_q", "raise SystemExit")  # would end the box
    plan = NotebookPlan("n", [cell, Step("test", "test_bellman_q", "check(bellman_q)", 6.0)], ["bellman_q"])
    (asked,) = judge_notebook(quick_cage, plan).exercises
    (spared,) = judge_notebook(quick_cage, msgspec.structs.replace(plan, unwritten=["bellman_q"])).exercises
    assert asked.score == spared.score == 0
    assert [each.name for each in spared.properties] == [each.name for each in asked.properties]
    assert {each.message for each in spared.properties} == {"bellman_q is not written yet."}
    assert spared.seconds == 0
