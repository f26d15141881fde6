"""GET /docs: the OpenAPI document as a page, drawn here so that no browser fetches foreign code."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1c2430}
details{border:1px solid #d5dae1;border-radius:6px;margin:.5rem 0;padding:.5rem 1rem}
summary{cursor:pointer}code,pre{font:13px/1.5 ui-monospace,monospace}
pre{background:#f3f5f8;padding:.75rem;border-radius:6px;overflow-x:auto}
b{display:inline-block;min-width:4.5rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .75rem .25rem 0;vertical-align:top;
border-top:1px solid #e6e9ee}
@media(prefers-color-scheme:dark){body{background:#12161c;color:#dfe5ec}pre{background:#1c222b}
details,td,th{border-color:#303946}a{color:#8ab4f8}}
"""


def router(api: FastAPI) -> APIRouter:
    """Build the router; `api` is the application the page describes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    def page() -> HTMLResponse:
        return HTMLResponse(render(api.openapi()), headers={"Content-Security-Policy": _CSP})

    return routes


def render(document: dict[str, Any]) -> str:
    """Draw an OpenAPI document as HTML without scripts."""
    info = document["info"]
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["other"])[0]
            groups.setdefault(tag, []).append(_operation(method, path, operation))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(ops)}" for tag, ops in groups.items())
    title = f"{escape(info['title'])} {escape(info['version'])}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{escape(info.get('description', ''))}</p>"
        '<p>For tools: <a href="/openapi.json">/openapi.json</a></p>'
        f"{sections}</html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [f"<p>{escape(operation.get('description', ''))}</p>"]
    parameters = operation.get("parameters", [])
    if parameters:
        parts.append(_table(("parameter", "in", "what"), [_parameter(p) for p in parameters]))
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<p>Body: <code>{escape(media)}</code></p>{_example(content)}")
    answers = [(status, a.get("description", "")) for status, a in operation["responses"].items()]
    parts.append(_table(("status", "answered when"), answers))
    parts.append(f"<pre>{escape(_curl(method, path, operation))}</pre>")
    summary = f"<b>{method.upper()}</b><code>{escape(path)}</code> {escape(operation['summary'])}"
    return f"<details><summary>{summary}</summary>{''.join(parts)}</details>"


def _parameter(parameter: dict[str, Any]) -> tuple[str, str, str]:
    what = parameter.get("description") or parameter.get("schema", {}).get("description", "")
    needed = " (required)" if parameter.get("required") else ""
    return parameter["name"] + needed, parameter["in"], what


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    def line(cells: tuple[str, ...], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"


def _example(content: dict[str, Any]) -> str:
    if "example" not in content:
        return ""
    text = orjson.dumps(content["example"], option=orjson.OPT_INDENT_2).decode()
    return f"<pre>{escape(text)}</pre>"


def _curl(method: str, path: str, operation: dict[str, Any]) -> str:
    words = ["curl"]
    if method != "get":
        words.append(f"-X {method.upper()}")
    if operation.get("security"):
        words.append('-H "Authorization: Bearer $ANSWERABLE_KEY"')
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        words.append('-H "Content-Type: application/json" -d @body.json')
    return " ".join([*words, f"http://127.0.0.1:4318{path}"])
