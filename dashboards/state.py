"""State in the URL: every filter and selection, so that a copied link shows the same page.

The URL is the only copy. A widget is drawn from it and, when changed, writes to it; the
widget's key holds the URL's value, so that the browser's Back button redraws it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CURSOR = "cursor"
_FILTER_PX = 168


def get(name: str, default: str = "") -> str:
    """Read one parameter of the URL."""
    return st.query_params.get(name, default)


def put(**values: str) -> None:
    """Write parameters into the URL; an empty value removes its parameter."""
    for name, value in values.items():
        if value:
            if st.query_params.get(name) != value:
                st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def text(label: str, name: str, *, placeholder: str = "") -> str:
    """Draw a text filter kept in the URL under `name`."""
    current = get(name)
    key = f"{name}={current}"
    st.text_input(
        label,
        value=current,
        key=key,
        placeholder=placeholder,
        on_change=_store,
        args=(name, key),
        max_chars=512,
        width=_FILTER_PX,
    )
    return current


def choice(
    label: str,
    name: str,
    options: Sequence[str],
    *,
    all_label: str = "All",
    others: bool = False,
) -> str:
    """Draw a choice kept in the URL under `name`; empty means all.

    Parameters
    ----------
    others
        Whether a value that is not offered may be written.
    """
    current = get(name)
    offered = ["", *options]
    # A link may name a value this list does not know; it must not be dropped silently.
    if current not in offered:
        offered.append(current)
    key = f"{name}={current}"
    st.selectbox(
        label,
        offered,
        index=offered.index(current),
        key=key,
        format_func=lambda option: option or all_label,
        accept_new_options=others,
        on_change=_store,
        args=(name, key),
        width=_FILTER_PX,
    )
    return current


def option(label: str, name: str, options: Mapping[str, str], *, width: int = _FILTER_PX) -> str:
    """Draw a choice of one kept in the URL under `name`; the first is the default.

    Parameters
    ----------
    options
        Values and how they read.
    """
    first = next(iter(options))
    current = get(name, first)
    # An old or mistyped link shows the default; it is not sent to the API.
    current = current if current in options else first
    key = f"{name}={current}"
    st.selectbox(
        label,
        list(options),
        index=list(options).index(current),
        key=key,
        format_func=lambda value: options[value],
        on_change=_store,
        args=(name, key),
        width=width,
    )
    return current


def toggle(label: str, name: str) -> bool:
    """Draw a switch kept in the URL under `name` as `true` or absent."""
    current = get(name) == "true"
    key = f"{name}={current}"
    st.toggle(label, value=current, key=key, on_change=_store, args=(name, key))
    return current


def older_newer(next_cursor: str | None, *, newest: str = "Newest", older: str = "Older") -> None:
    """Draw the buttons that page through a list by its cursor."""
    here = get(_CURSOR)
    if not here and not next_cursor:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            newest,
            icon=":material/first_page:",
            disabled=not here,
            on_click=put,
            kwargs={_CURSOR: ""},
        )
        st.button(
            older,
            icon=":material/chevron_right:",
            disabled=not next_cursor,
            on_click=put,
            kwargs={_CURSOR: next_cursor or ""},
        )


def cursor() -> str:
    """Read the place in the list the URL asks for."""
    return get(_CURSOR)


def _store(name: str, key: str) -> None:
    """Write a changed widget into the URL; the list starts again at its newest row."""
    changed = st.session_state[key]
    value = ("true" if changed else "") if isinstance(changed, bool) else str(changed).strip()
    put(**{name: value, _CURSOR: ""})
