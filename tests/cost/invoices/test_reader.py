"""Invoice files: real exports read line by line, and everything odd refused with its place."""

import io
import json
from datetime import date
from decimal import Context, Decimal, localcontext

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cost.invoices.lines import amount_scale
from cost.invoices.reader import Limits, read
from sql.errors import InvalidInputError

LIMITS = Limits(2**20, 1000)
DAY = date(2026, 10, 1)
START = 1790812800


def test_large_amounts_are_read_to_the_last_digit():
    """Wider than Python's 28 digits, as wide as the store's 38."""
    amount = "12345678901234567890.123456789012345678"
    content = f"day,provider,amount,currency\n2026-10-01,a,{amount}00,USD\n".encode()
    with pytest.raises(InvalidInputError, match="separators"):
        read(content, "auto", LIMITS)
    with localcontext(Context(prec=76)):
        _, lines = read(
            content.replace(b"12345678901234567890", b"123456789012345678"), "auto", LIMITS
        )
    assert lines[0].amount == Decimal("123456789012345678.123456789012345678")


def lines_of(content, fmt="auto", limits=LIMITS):
    if not isinstance(content, bytes):
        content = content if isinstance(content, str) else json.dumps(content)
        content = content.encode()
    return read(content, fmt, limits)


def quantities(lines):
    return {(line.meter, line.service_tier): int(line.quantity) for line in lines}


def openai_page(*results, **more):
    bucket = {"object": "bucket", "start_time": START, "end_time": START + 86400}
    return {
        "object": "page",
        "data": [{**bucket, "results": [*results]}],
        "has_more": False,
        **more,
    }


def anthropic_page(*results):
    bucket = {"starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-02T00:00:00Z"}
    return {"data": [{**bucket, "results": [*results]}], "has_more": False, "next_page": None}


USAGE = {
    "object": "organization.usage.completions.result",
    "input_tokens": 1000,
    "input_cached_tokens": 800,
    "output_tokens": 500,
    "num_model_requests": 5,
    "project_id": "proj_a",
    "model": "gpt-5-mini-2026-08-07",
    "batch": False,
    "service_tier": "default",
}


def test_openai_usage_counts_cached_tokens_once():
    fmt, lines = lines_of(openai_page(USAGE))
    assert fmt == "openai"
    assert quantities(lines) == {
        ("input", ""): 200,
        ("cache_read", ""): 800,
        ("output", ""): 500,
        ("requests", ""): 5,
    }
    assert {(line.day, line.provider, line.scope) for line in lines} == {(DAY, "openai", "proj_a")}
    assert json.loads(lines[0].raw) == USAGE


@pytest.mark.parametrize(
    ("by_modality", "expected"),
    [
        # Since 2026 what is counted by modality leaves out what was cached.
        (
            {"input_text_tokens": 500, "input_audio_tokens": 100, "input_cached_audio_tokens": 30},
            100,
        ),
        ({"input_audio_tokens": 100, "input_cached_audio_tokens": 30}, 70),
    ],
)
def test_openai_audio_is_a_part_of_the_input(by_modality, expected):
    used = {**USAGE, "input_cached_tokens": 400, **by_modality}
    found = quantities(lines_of(openai_page(used))[1])
    assert found["input_audio", ""] == expected
    assert found["input", ""] == 1000 - 400 - expected


def test_openai_batch_is_a_tier():
    assert ("input", "batch") in quantities(lines_of(openai_page({**USAGE, "batch": True}))[1])


def test_openai_costs_name_model_and_meter_in_the_line_item():
    def cost(item, value):
        return {
            "amount": {"value": value, "currency": "usd"},
            "line_item": item,
            "project_id": None,
        }

    text = json.dumps(
        openai_page(
            cost("gpt-5-mini, input", 0.06),
            cost("gpt-5-mini, batch cached input", 1e-7),
            cost("web search tool calls", 2),
            cost(None, 3),
        )
    )
    _, lines = lines_of(text)
    assert [(line.model, line.meter, line.service_tier, line.amount) for line in lines] == [
        ("gpt-5-mini", "input", None, Decimal("0.06")),
        ("gpt-5-mini", "cache_read", "batch", Decimal("1e-7")),
        ("", "", None, Decimal(2)),
        ("", "", None, Decimal(3)),
    ]
    assert {line.currency for line in lines} == {"USD"}
    assert amount_scale(lines) == 7


def test_openai_dashboard_csv_with_its_empty_days():
    text = (
        "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id\n"
        f'{START},{START + 86400},,,0.895874000000000000000000,usd,"gpt-5-mini, output",proj_a\n'
        f"{START + 86400},{START + 172800},,,,,,\n"
    )
    fmt, lines = lines_of(text)
    assert fmt == "openai"
    assert [(line.amount, line.meter, line.scope) for line in lines] == [
        (Decimal("0.895874"), "output", "proj_a")
    ]
    usage = (
        "start_time\tend_time\tmodel\tbatch\tservice_tier\tnum_model_requests\tinput_tokens\toutput_tokens\tinput_cached_tokens\n"
        f"{START}\t{START + 86400}\tgpt-5-mini\tFalse\t\t2\t100\t10\t40\n"
    )
    found = quantities(lines_of(usage)[1])
    assert found == {
        ("input", ""): 60,
        ("cache_read", ""): 40,
        ("output", ""): 10,
        ("requests", ""): 2,
    }


def test_anthropic_usage_and_costs_in_cents():
    usage = {
        "uncached_input_tokens": 1500,
        "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
        "cache_read_input_tokens": 200,
        "output_tokens": 300,
        "workspace_id": "wrkspc_1",
        "model": "claude-sonnet-5",
        "service_tier": "standard",
    }
    fmt, lines = lines_of(anthropic_page(usage))
    assert fmt == "anthropic"
    assert quantities(lines) == {
        ("input", ""): 1500,
        ("cache_read", ""): 200,
        ("cache_write", ""): 500,
        ("cache_write_1h", ""): 1000,
        ("output", ""): 300,
    }
    cost = {
        "amount": "123.78912",
        "currency": "USD",
        "cost_type": "tokens",
        "model": "claude-sonnet-5",
        "token_type": "cache_creation.ephemeral_1h_input_tokens",
        "service_tier": "batch",
    }
    _, lines = lines_of(
        anthropic_page(cost, {"amount": "5", "currency": "USD", "cost_type": "web_search"})
    )
    assert (lines[0].amount, lines[0].meter) == (Decimal("1.2378912"), "cache_write_1h")
    assert lines[0].service_tier == "batch"
    assert (lines[1].amount, lines[1].meter) == (Decimal("0.05"), "")


def test_anthropic_console_csv():
    text = (
        "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,"
        "usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,"
        "usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count\n"
        "2026-10-01,claude-sonnet-5,key,Default,batch,≤ 200k,100,1,2,3,50,0\n"
    )
    _, lines = lines_of(text)
    assert quantities(lines)["cache_write_1h", "batch"] == 2
    assert quantities(lines)["output", "batch"] == 50


def test_generic_csv():
    text = (
        "day,provider,model,meter,quantity,amount,currency,service_tier\n"
        "2026-10-01,Acme AI,Big-1,input,1000,0.50,EUR,batch\n"
        "2026-10-02,Acme AI,,,,-3,EUR,\n"
    )
    fmt, lines = lines_of(text)
    assert fmt == "generic"
    assert [(x.provider, x.meter, x.quantity, x.amount, x.service_tier) for x in lines] == [
        ("acme ai", "input", Decimal(1000), Decimal("0.50"), "batch"),
        ("acme ai", "", None, Decimal(-3), ""),
    ]


def test_focus_parquet_of_another_writer():
    row = {
        "BilledCost": 0.1,
        "BillingCurrency": "USD",
        "ChargePeriodStart": "2026-10-01T00:00:00Z",
        "ChargePeriodEnd": "2026-10-02T00:00:00Z",
        "ChargeCategory": "Usage",
        "ProviderName": "OpenAI",
        "SkuMeter": "Input Tokens",
        "SkuPriceDetails": '{"ModelId": "gpt-5-mini"}',
        "PricingQuantity": 0.002,
        "PricingUnit": "1000000 Tokens",
    }
    tax = {**row, "ChargeCategory": "Tax", "SkuMeter": None, "BilledCost": 0.02}
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row, tax]), buffer)
    fmt, lines = lines_of(buffer.getvalue())
    assert fmt == "focus"
    assert (lines[0].model, lines[0].meter, lines[0].quantity) == ("gpt-5-mini", "input", 2000)
    assert (lines[0].amount, lines[1].meter, lines[1].amount) == (
        Decimal("0.1"),
        "",
        Decimal("0.02"),
    )


GENERIC = "day,provider,meter,quantity,amount,currency\n"


@pytest.mark.parametrize(
    ("content", "field", "said"),
    [
        (b"", "body", "empty"),
        (b"\xff\xfe\x00", "body", "UTF-8"),
        (b"PAR1 but not", "body", "Parquet"),
        ('{"data": [', "body", "JSON"),
        ("[" * 100_000, "body", "JSON"),
        ('{"data": []}', "body", "no buckets"),
        ('{"rows": []}', "data", "page 1"),
        ({"data": [7]}, "data", "bucket 1"),
        (openai_page(USAGE, has_more=True), "has_more", "pages after"),
        (openai_page({**USAGE, "input_tokens": -5}), "input_tokens", "-5"),
        (openai_page({**USAGE, "input_tokens": 1.5}), "input_tokens", "whole"),
        (openai_page({**USAGE, "input_tokens": "many"}), "input_tokens", "many"),
        (openai_page({**USAGE, "input_tokens": 700}), "input_tokens", "includes cached"),
        (openai_page({**USAGE, "input_tokens": True}), "input_tokens", "True"),
        ('{"data": [{"start_time": 1, "end_time": 2, "results": []}]}', "start_time", "2026-11-01"),
        (openai_page({"amount": {"value": 1, "currency": "coins"}}), "currency", "ISO 4217"),
        (openai_page({"amount": {"value": "NaN", "currency": "usd"}}), "amount", "NaN"),
        (openai_page({"amount": 5}), "amount", "value and currency"),
        (GENERIC + "2026-10-01,a,input,-1,1,USD\n", "quantity", "line 2"),
        (GENERIC + "2026-10-01,a,input,1,1,XXX\n", "currency", "'XXX'"),
        (GENERIC + "2026-10-01,a,input,,,\n", "quantity", "amount or both"),
        (GENERIC + "2026-10-01,a,,5,1,USD\n", "meter", "counts"),
        (GENERIC + "2026-10-01,a,input,1e400,1,USD\n", "quantity", "1e400"),
        (GENERIC + "2026-10-01,a,input,1,0.0000000000000000001,USD\n", "amount", "18 digits"),
        (GENERIC + "2026-02-30,a,input,1,1,USD\n", "day", "2026-02-30"),
        (GENERIC + "2026-10-01,a,input,1,1\n", "columns", "line 2"),
        (GENERIC + '2026-10-01,"a,input,1,1,USD\n', "body", "not CSV"),
        (GENERIC, "body", "holds no use"),
        ("day,provider,colour\n", "body", "colour"),
        ("day,day,provider\n", "header", "once"),
        ("a,b\n1,2\n", "body", "has no column day"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(content, field, said):
    with pytest.raises(InvalidInputError) as refused:
        lines_of(content)
    assert refused.value.field == field
    assert said in refused.value.detail


def test_a_bucket_of_more_than_a_day_cannot_be_matched():
    page = openai_page(USAGE)
    page["data"][0]["end_time"] += 1
    with pytest.raises(InvalidInputError, match="a day or less"):
        lines_of(page)


def test_files_are_bounded():
    with pytest.raises(InvalidInputError, match="larger than 1 MiB"):
        lines_of(b" " * (2**20 + 1))
    with pytest.raises(InvalidInputError, match="more than 2 lines"):
        lines_of(openai_page(USAGE), limits=Limits(2**20, 2))


def test_a_format_that_the_file_does_not_have():
    with pytest.raises(InvalidInputError, match="looks like openai"):
        lines_of(openai_page(USAGE), "anthropic")
    with pytest.raises(InvalidInputError, match="format is 'xml'"):
        lines_of(openai_page(USAGE), "xml")


@pytest.mark.parametrize(
    ("amounts", "scale"), [(["10", "2"], 2), (["1.500", "2.25"], 2), (["1.0000001"], 7)]
)
def test_what_amounts_round_to_is_a_cent_at_most(amounts, scale):
    rows = "".join(f"2026-10-01,a,,,{amount},USD\n" for amount in amounts)
    assert amount_scale(lines_of(GENERIC + rows)[1]) == scale
