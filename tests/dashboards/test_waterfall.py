"""The tree of a trace and its figure."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards import waterfall
from tests.dashboards import answers


def named(rows):
    return [(row.span["name"], row.depth) for row in rows]


def test_parents_come_before_children_and_siblings_by_start():
    late = answers.span(1, 0, name="late", start_time=answers.at(0.5))
    early = answers.span(2, 0, name="early", start_time=answers.at(0.2))
    below = answers.span(3, 1, name="below late", start_time=answers.at(0.1))
    root = answers.span(0, name="root", start_time=answers.at(0))
    rows = waterfall.rows([late, below, early, root])
    assert named(rows) == [("root", 0), ("early", 1), ("late", 1), ("below late", 2)]
    assert [row.offset_ns for row in rows] == [0, 200_000_000, 500_000_000, 100_000_000]


def test_missing_parent_makes_a_root():
    rows = waterfall.rows([answers.span(5, 99, name="orphan")])
    assert named(rows) == [("orphan", 0)]


# Plotly's first figure takes longer than the default deadline on a busy machine.
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.none() | st.integers(0, 8)), max_size=12))
def test_every_span_is_listed_once_whatever_its_parents(edges):
    spans = [answers.span(own, parent, name=str(i)) for i, (own, parent) in enumerate(edges)]
    rows = waterfall.rows(spans)
    assert sorted(row.span["name"] for row in rows) == sorted(one["name"] for one in spans)
    if rows:
        figure = waterfall.figure(rows, services=[one["service"] for one in spans], end_ns=10)
        assert sum(len(trace.y) for trace in figure.data) == len(spans)


def test_figure_marks_failures_decisions_and_the_chosen_span():
    trace = answers.trace(7)
    rows = waterfall.rows(trace["spans"])
    services = [row.span["service"] for row in rows]
    chosen = f"{4:016x}"
    figure = waterfall.figure(
        rows, services=services, end_ns=10**9, deciding=[f"{3:016x}"], selected=chosen
    )
    bars = [trace for trace in figure.data if trace.type == "bar"]
    hatched = [
        span_id
        for bar in bars
        for span_id, shape in zip(bar.customdata, bar.marker.pattern.shape, strict=True)
        if shape
    ]
    assert hatched == [chosen]
    (diamonds,) = (trace for trace in figure.data if trace.type == "scatter")
    assert list(diamonds.customdata) == [f"{3:016x}"]
    (lit,) = figure.layout.shapes
    place = [row.span["span_id"] for row in rows].index(chosen)
    assert (lit.y0, lit.y1) == (place - 0.5, place + 0.5)
    assert [bar.name for bar in bars] == list(dict.fromkeys(services))


def test_names_are_escaped():
    rows = waterfall.rows([answers.span(name=answers.HOSTILE, service=answers.HOSTILE)])
    figure = waterfall.figure(rows, services=[answers.HOSTILE], end_ns=1)
    assert "<script>" not in figure.to_json()


def test_zero_length_trace_has_an_axis():
    rows = waterfall.rows([answers.span(duration_ns=0)])
    figure = waterfall.figure(rows, services=["feedback-api"], end_ns=waterfall.end_ns(rows))
    low, high = figure.layout.xaxis.range
    assert low == 0 < high
    assert waterfall.end_ns([]) == 0


def test_a_long_trace_is_quick():
    spans = answers.trace(10_000)["spans"]
    begun = time.thread_time()
    rows = waterfall.rows(spans)
    shown = rows[: waterfall.ROWS_MAX]
    figure = waterfall.figure(shown, services=["feedback-api"], end_ns=waterfall.end_ns(rows))
    assert figure.to_json()
    # 0.2 s on two idle cores; adding annotations one by one took 2.6 s.
    assert time.thread_time() - begun < 1.5


def test_a_chain_of_ten_thousand_spans_does_not_recurse():
    spans = [answers.span(i, i - 1 if i else None) for i in range(10_000)]
    assert waterfall.rows(spans)[-1].depth == 9_999
