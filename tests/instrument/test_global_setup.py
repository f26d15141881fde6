"""Global providers can be set once a process, so each case here runs in a process of its own."""

import os
import subprocess
import sys
import textwrap
import time

import pytest

PRELUDE = """
import answerable_instrument as answerable
from opentelemetry import trace, metrics, _logs
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk._logs import LoggerProvider
"""


def run(code, timeout_s=60, **environ):
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OTEL_", "ANSWERABLE_"))
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**clean, **environ},
        check=False,
    )


def test_configure_sets_the_providers_where_there_are_none():
    done = run(
        """
        handle = answerable.configure(
            "http://127.0.0.1:9", service_name="svc", service_version="1", environment="test"
        )
        assert handle.problems == (), handle.problems
        provider = trace.get_tracer_provider()
        assert isinstance(provider, TracerProvider)
        assert isinstance(metrics.get_meter_provider(), MeterProvider)
        assert isinstance(_logs.get_logger_provider(), LoggerProvider)
        found = provider.resource.attributes
        assert found["service.name"] == "svc" and found["service.version"] == "1"
        assert found["deployment.environment.name"] == "test"
        assert answerable.configure("http://127.0.0.1:9") is handle
        assert len(provider._active_span_processor._span_processors) == 1
        with answerable.decision("x") as decision:
            assert decision.span.is_recording()
        handle.shutdown(0.1)
        again = answerable.configure("http://127.0.0.1:9")
        assert again.problems == (), again.problems
        assert trace.get_tracer_provider() is provider
        assert len(provider._active_span_processor._span_processors) == 1
        again.shutdown(0.1)
        print("fine")
        """
    )
    assert done.stdout == "fine\n", done.stderr


def test_configure_reuses_the_global_providers():
    done = run(
        """
        provider = TracerProvider(shutdown_on_exit=False)
        trace.set_tracer_provider(provider)
        meters = MeterProvider(shutdown_on_exit=False)
        metrics.set_meter_provider(meters)
        handle = answerable.configure("http://127.0.0.1:9", service_name="ignored")
        assert handle.problems == (), handle.problems
        assert trace.get_tracer_provider() is provider
        assert metrics.get_meter_provider() is meters
        assert "ignored" not in str(provider.resource.attributes)
        handle.shutdown(0.1)
        print("fine")
        """
    )
    assert done.stdout == "fine\n", done.stderr


def test_a_provider_set_after_the_first_decision_is_followed():
    done = run(
        """
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        with answerable.decision("before") as decision:
            assert not decision.span.is_recording()
        exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        trace.set_tracer_provider(provider)
        with answerable.decision("after"):
            pass
        assert [span.name for span in exporter.get_finished_spans()] == ["after"]
        print("fine")
        """
    )
    assert done.stdout == "fine\n", done.stderr


def test_exit_is_bounded_while_the_server_is_down():
    started = time.perf_counter()
    done = run(
        """
        answerable.configure("http://127.0.0.1:9", exit_timeout_s=0.5)
        for _ in range(3000):
            with answerable.decision("x"):
                pass
        print("fine")
        """
    )
    assert done.stdout == "fine\n", done.stderr
    assert done.returncode == 0
    assert time.perf_counter() - started < 15


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_worker_still_flushes():
    done = run(
        """
        import os, threading, http.server, warnings
        # Python 3.12 and later warn of any fork beside threads; servers do it all the same.
        warnings.simplefilter("ignore", DeprecationWarning)
        hits = []
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                hits.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
            def log_message(self, *args): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        handle = answerable.configure(url, signals=("traces",))
        pid = os.fork()
        if pid == 0:
            with answerable.decision("child"):
                pass
            os._exit(0 if handle.flush(10) else 3)
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert hits == ["/v1/traces"], hits
        print("fine")
        """
    )
    assert done.stdout == "fine\n", done.stderr
