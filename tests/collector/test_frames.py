"""Frames: a header around an untouched body, written and read back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collector.frames import Frame, digest, load, table, wire_settings
from collector.journal import Journal
from collector.models import Grant, Signal, Submission
from sql import migration_files
from sql.rendering import Renderer
from sql.settings import StoreSettings

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
submissions = st.builds(
    Submission,
    signal=st.just(Signal.LOGS),
    body=st.binary(max_size=400),
    items=st.integers(0, 1 << 31),
    wire_bytes=st.integers(0, 1 << 31),
    received_at_ns=st.integers(0, (1 << 63) - 1),
    grant=st.builds(
        Grant,
        key_id=texts,
        tenant=texts,
        tenants=st.lists(texts.filter(bool), max_size=3).map(tuple),
        default_tenant=texts,
    ),
)


@given(sent=st.lists(submissions, min_size=1, max_size=4), request_id=texts.filter(bool))
def test_what_is_written_is_read_back(tmp_path_factory, sent, request_id) -> None:
    journal = Journal(tmp_path_factory.mktemp("journal"))
    frames = [Frame(one, request_id, digest(one.signal, one.grant, one.body)) for one in sent]
    entry = journal.write(Signal.LOGS, frames, token="t1", time_ns=17)
    assert load(entry.path, Signal.LOGS) == frames
    assert journal.open() == [entry]
    journal.remove(entry)
    assert journal.open() == []


def test_a_digest_belongs_to_signal_and_tenant() -> None:
    body = b"same bytes"
    seen = {
        digest(signal, grant, body)
        for signal in Signal
        for grant in (
            Grant("k", "a"),
            Grant("k", "b"),
            Grant("k", "", ("a", "b")),
            Grant("k", "", ("ab",)),
        )
    }
    assert len(seen) == 12
    assert digest(Signal.LOGS, Grant("k", "a"), body) == digest(
        Signal.LOGS, Grant("other", "a"), body
    )


def test_a_body_cannot_reach_the_header(tmp_path) -> None:
    """A sender who writes the frame's own fields into its body still lands in its tenant."""
    forged = b"\x0a\x04evil"
    sent = Submission(Signal.LOGS, forged, 1, len(forged), 1, Grant("k", "acme"))
    entry = Journal(tmp_path).write(
        Signal.LOGS, [Frame(sent, "r", b"d" * 16)], token="t", time_ns=1
    )
    (found,) = load(entry.path, Signal.LOGS)
    assert found.submission.grant.tenant == "acme"
    assert found.submission.body == forged


def test_frames_go_into_a_table_that_a_cluster_has_too() -> None:
    files = migration_files.packaged()
    renderer = Renderer(StoreSettings(cluster="blue"), files.fragments)
    made = "\n".join(renderer.render(one.up, source=one.file) for one in files.migrations)
    for signal in Signal:
        assert f"CREATE TABLE IF NOT EXISTS {table(signal)} ON CLUSTER 'blue'" in made


def test_a_server_is_sent_the_schema_itself() -> None:
    for signal in Signal:
        settings = wire_settings(signal, embedded=False)
        assert "message Frame" in settings["format_schema"]
        assert wire_settings(signal, embedded=True)["format_schema"].endswith(".proto:Frame")
