"""Reconciliation: what a provider billed against what was charged here, and why they differ."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, formatters, frame, reconciliation_chart, state
from dashboards import money as m
from dashboards.errors import ApiError
from dashboards.tables import Column, Kind, Tile, html_table, tiles
from dashboards.theme import BLUE, GREY, ORANGE, PURPLE, VERMILLION

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from dashboards.visit import Visit

Row = dict[str, Any]

_MISSING = "This service does not reconcile invoices. Update it: that came with a later version."
_EMPTY = (
    "No invoice yet. Upload a provider's usage or cost file above: OpenAI and Anthropic exports "
    "(JSON or CSV), FOCUS (CSV or Parquet), or a CSV of your own with day, model, meter, quantity "
    "and amount."
)
_FILES = ("json", "csv", "parquet", "jsonl", "gz")
_ROWS_MAX = "100"
#: Lists of this many invoices are chosen from.
_INVOICES_MAX = "200"

_GROUPS: dict[str, str] = {
    "model": "Model",
    "day": "Day",
    "day,model": "Day and model",
    "model,meter": "Model and meter",
    "day,model,meter": "Day, model and meter",
    "tenant": "Tenant",
}
_SIDES: dict[str, tuple[str, str]] = {
    "both": ("matched", BLUE),
    "theirs": ("billed only", VERMILLION),
    "ours": ("charged only", ORANGE),
}
_SHOWN: dict[str, str] = {
    "": "All",
    "both": "matched",
    "theirs": "billed only",
    "ours": "charged only",
}


def render(visit: Visit) -> None:
    """Draw the page."""
    line = frame.title(visit, "Reconciliation")
    with frame.readable_errors(_MISSING):
        found = visit.costs.invoices({"tenant": visit.tenant, "limit": _INVOICES_MAX})
        tenant = f" · tenant {visit.tenant}" if visit.tenant else ""
        frame.note(line, f"Each invoice in its own days{tenant} · {frame.as_of(found['as_of'])}")
        _upload(visit)
        items: list[Row] = found["items"]
        if not items:
            frame.empty(visit, _EMPTY)
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            invoice = _chosen(items)
            group_by = state.option("Lines by", "lines", _GROUPS, width=230)
            side = state.option("Show", "side", _SHOWN)
        asked = {"tenant": visit.tenant, "group_by": group_by}
        answer = visit.costs.reconciled(invoice["invoice_id"], {**asked, "limit": _ROWS_MAX})
        if state.get("invoice") not in {"", invoice["invoice_id"]}:
            st.caption("The invoice of this link is not in the list; the newest is shown.")
        _facts(invoice)
        known = _coverage(visit, invoice)
        for total in answer["totals"]:
            _total(total, known, several=len(answer["totals"]) > 1)
        _lines(answer, group_by, side)
        name = f"reconcile-{invoice['name'] or invoice['invoice_id']}-{group_by}.csv"
        st.download_button(
            "All lines as CSV",
            data=lambda: visit.costs.reconciled_file(invoice["invoice_id"], asked),
            file_name=name.replace(",", "-"),
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _upload(visit: Visit) -> None:
    with st.expander("Import an invoice", icon=":material/upload_file:"):
        uploaded = st.file_uploader("A provider's usage or cost file", type=list(_FILES))
        scope = state.text("Projects", "scope", placeholder="proj_abc:school-a")
        st.caption(
            "Projects maps the provider's projects to tenants, comma separated; leave it empty "
            "where there is one. The same file again is the same invoice. Needs the role finance "
            "or operator."
        )
        if st.button("Import", type="primary", disabled=uploaded is None) and uploaded:
            _take(visit, uploaded, scope)


def _take(visit: Visit, uploaded: UploadedFile, scope: str) -> None:
    params = {"tenant": visit.tenant, "name": uploaded.name, "scope": scope}
    try:
        made = visit.costs.import_invoice(uploaded.getvalue(), params)
    except ApiError as error:
        if error.status == 401:
            raise
        st.error(f"**{formatters.plain(error.title)}**\n\n{formatters.plain(error.detail)}")
        return
    state.put(invoice=made["invoice_id"])
    said = "Imported" if made["created"] else "It was here already:"
    st.toast(f"{said} {formatters.plain(made['name'])}, {made['lines']:,} lines.")
    st.rerun()


def _chosen(items: list[Row]) -> Row:
    names = {one["invoice_id"]: _label(one) for one in items}
    invoice_id = state.option("Invoice", "invoice", names, width=620)
    return next(one for one in items if one["invoice_id"] == invoice_id)


def _label(invoice: Row) -> str:
    amounts = ", ".join(m.money(text, code) for code, text in invoice["amounts"].items())
    days = f"{invoice['first_day']} to {invoice['last_day']}"
    name = invoice["name"] or invoice["invoice_id"][:12]
    return f"{name} · {days} · {amounts or 'quantities only'}"


def _facts(invoice: Row) -> None:
    owner = invoice["tenant"] or "the whole organisation"
    said = [
        f"{invoice['lines']:,} lines of {', '.join(invoice['providers'])} as {invoice['format']}",
        owner,
        f"imported {formatters.minute(invoice['imported_at'])} UTC by {invoice['imported_by']}",
    ]
    st.caption(formatters.plain(" · ".join(said)))


def _coverage(visit: Visit, invoice: Row) -> dict[str, str]:
    """Read how much of what was used in the invoice's days has a price, as a mark of a tile."""
    end = date.fromisoformat(invoice["last_day"]) + timedelta(days=1)
    only = invoice["providers"][0] if len(invoice["providers"]) == 1 else ""
    mark: dict[str, str] = {}
    with frame.part("Coverage"):
        found = visit.costs.sums(
            {
                "tenant": invoice["tenant"] or visit.tenant,
                "from": invoice["first_day"],
                "to": end.isoformat(),
                "provider": only,
                "group_by": "none",
            }
        )
        share = m.covered(found["items"])
        mark |= {"badge": m.coverage(share), "badge_colour": m.coverage_colour(share)}
    return mark


def _total(total: Row, known: dict[str, str], *, several: bool) -> None:
    currency = total["currency"]
    if several:
        st.subheader(currency or "Without a currency", anchor=False)
    off = m.percent(total["variance"], total["theirs"])
    explained = _explained(total)
    st.html(
        tiles(
            [
                Tile("Billed", m.money(total["theirs"], currency), "by the file", PURPLE),
                Tile(
                    "Charged here",
                    m.money(total["ours"], currency),
                    "same days",
                    BLUE,
                    **known,
                ),
                Tile("Variance", m.change(total["variance"], currency), f"{off} of billed", ORANGE),
                Tile("Explained", explained, "of the variance, in absolute amounts", GREY),
            ]
        )
    )
    if not reconciliation_chart.causes_of(total):
        st.success("No difference.", icon=":material/check_circle:")
        return
    left, right = st.columns([3, 2])
    with left:
        st.plotly_chart(
            reconciliation_chart.waterfall(total),
            config=charts.CONFIG,
            key=f"variance {currency}",
            alt="The variance of the invoice by cause",
        )
    with right:
        st.html(html_table(_cause_columns(currency), _cause_rows(total)))


def _explained(total: Row) -> str:
    parts = {name: abs(m.exact(amount)) for name, amount in reconciliation_chart.causes_of(total)}
    whole = sum(parts.values(), m.exact("0"))
    return m.percent(whole - parts.get("unexplained", m.exact("0")), whole)


def _cause_rows(total: Row) -> list[Row]:
    return [
        {"name": name, "amount": amount} for name, amount in reconciliation_chart.causes_of(total)
    ]


def _cause_columns(currency: str | None) -> tuple[Column, ...]:
    return (
        Column("Cause", lambda row: reconciliation_chart.cause(row["name"])),
        Column("Amount", lambda row: m.change(row["amount"], currency), "num"),
        Column("Means", lambda row: reconciliation_chart.CAUSES.get(row["name"], ("", ""))[1]),
    )


def _lines(answer: Row, group_by: str, side: str) -> None:
    st.subheader("Lines", anchor=False)
    rows = [row for row in answer["items"] if not side or row["side"] == side]
    if not rows:
        st.caption(f"No line is {_SHOWN[side]}.")
        return
    st.html(html_table(_line_columns(group_by), rows))
    if answer["next_cursor"]:
        st.caption(f"The {_ROWS_MAX} largest differences; the file has all of them.")


def _line_columns(group_by: str) -> tuple[Column, ...]:
    return (
        *(_key(name) for name in group_by.split(",")),
        Column(
            "Match",
            lambda row: _SIDES.get(row["side"], (row["side"], GREY))[0],
            dot=lambda row: _SIDES.get(row["side"], ("", GREY))[1],
        ),
        Column("Billed", lambda row: m.money(row["theirs"], row["currency"]), "num"),
        Column("Charged", lambda row: m.money(row["ours"], row["currency"]), "num"),
        Column("Variance", lambda row: m.change(row["variance"], row["currency"]), "num"),
        Column("Their quantity", lambda row: _quantity(row["their_quantity"]), "num"),
        Column("Our quantity", lambda row: _quantity(row["our_quantity"]), "num"),
        Column("Why", _why),
    )


def _key(name: str) -> Column:
    kind: Kind = "dim" if name == "day" else "text"
    return Column(name.title(), lambda row: row[name] or f"no {name}", kind)


def _quantity(text: str | None) -> str:
    return formatters.ABSENT if text is None else m.quantity(text)


def _why(row: Row) -> str:
    parts = sorted(reconciliation_chart.causes_of(row), key=lambda one: -abs(m.exact(one[1])))
    return ", ".join(
        f"{reconciliation_chart.cause(name).lower()} {m.change(amount, None)}"
        for name, amount in parts
    )
