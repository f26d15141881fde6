"""Where telemetry goes: endpoint, protocol, headers."""

import pytest

from answerable_instrument.targets import resolve_target


@pytest.mark.parametrize(
    ("arguments", "environ", "endpoint", "bearer"),
    [
        ((None, None, None), {}, "http://127.0.0.1:4318", None),
        ((None, None, "grpc"), {}, "http://127.0.0.1:4317", None),
        (
            (None, None, None),
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "http://127.0.0.1:4317",
            None,
        ),
        (("http://a", "k", None), {"ANSWERABLE_ENDPOINT": "http://b"}, "http://a", "Bearer k"),
        (
            (None, None, None),
            {
                "ANSWERABLE_ENDPOINT": "http://b",
                "ANSWERABLE_KEY": "e",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c",
            },
            "http://b",
            "Bearer e",
        ),
        ((None, None, None), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}, "http://c", None),
    ],
)
def test_where_telemetry_goes(arguments, environ, endpoint, bearer):
    target = resolve_target(*arguments, environ)
    assert target.endpoint == endpoint
    assert target.headers.get("authorization") == bearer
    assert target.problem is None


def test_headers_of_another_backend_are_blanked_unless_it_is_the_same():
    environ = {
        "OTEL_EXPORTER_OTLP_HEADERS": "API-Key=s,b=c",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c",
    }
    ours = resolve_target("http://a", "k", None, environ)
    assert (ours.headers["api-key"], ours.headers["b"]) == ("", "")
    assert "api-key" not in resolve_target(None, "k", None, environ).headers


def test_the_key_stays_out_of_repr_and_is_guarded_on_the_wire():
    local = resolve_target("http://127.0.0.1:4318", "k-secret", None, {})
    remote = resolve_target("http://example.test:4318", "k-secret", None, {})
    safe = resolve_target("https://example.test", "k-secret", None, {})
    assert "k-secret" not in repr(remote)
    assert (local.exposes_key, remote.exposes_key, safe.exposes_key) == (False, True, False)
