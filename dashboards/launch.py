"""The command line that starts the dashboards as a process of their own."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from dashboards.theme import OPTIONS

#: The one argument of the script itself; it wins over the environment's ANSWERABLE_API_URL.
API_URL_FLAG = "--api-url="

#: Streamlit loads these at the first visit otherwise, which costs a second then.
_PRELOADED = ("dashboards.app", "pandas", "streamlit.elements.plotly_chart")

_SERVER_OPTIONS = {
    "server.headless": "true",
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.showEmailPrompt": "false",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "logger.hideWelcomeMessage": "true",
    "logger.level": "warning",
    "logger.enableRich": "false",
}


def command(api_url: str, port: int, host: str = "127.0.0.1") -> list[str]:
    """Build the argument list of the dashboards' process.

    Parameters
    ----------
    api_url
        Address of the HTTP API. Everything else, a key included, travels in the environment,
        where other users of the machine cannot list it.
    port
        TCP port the pages are served on, 1 to 65535.
    host
        Address to listen on; loopback unless the operator says otherwise.

    Raises
    ------
    ValueError
        When `port` is not a TCP port.
    """
    if not 1 <= port <= 65_535:
        message = f"port must be 1 to 65535, got {port}"
        raise ValueError(message)
    script = Path(__file__).with_name("app.py")
    options = {**_SERVER_OPTIONS, **OPTIONS, "server.address": host, "server.port": str(port)}
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [
        sys.executable,
        "-m",
        "dashboards.launch",
        "run",
        str(script),
        *flags,
        "--",
        f"{API_URL_FLAG}{api_url}",
    ]


def api_url_argument(arguments: list[str]) -> str | None:
    """Find the API's address among the script's arguments."""
    found = [text.removeprefix(API_URL_FLAG) for text in arguments if text.startswith(API_URL_FLAG)]
    return found[-1] if found else None


def main() -> None:
    """Run Streamlit with the pages already imported, so that the first visitor does not wait."""
    for name in _PRELOADED:
        import_module(name)
    # Not at the top: the service imports this module for `command` alone.
    import_module("streamlit.web.cli").main(prog_name="streamlit")


if __name__ == "__main__":
    main()
