"""The document says everything a client needs: parameters, answers and what they hold."""

from tests.collector.api.kit import Api


def test_every_route_is_described(embedded, clock):
    document = Api(embedded.open(), clock).app.openapi()
    schemas = document["components"]["schemas"]
    assert len(document["paths"]) == 8
    for path, methods in document["paths"].items():
        (operation,) = methods.values()
        assert operation["description"], path
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        shape = schemas[answer["$ref"].rpartition("/")[2]]
        assert shape["description"], path
        assert shape["additionalProperties"] is False
        for parameter in operation["parameters"]:
            assert parameter["schema"].get("type") or parameter["schema"].get("anyOf"), parameter


def test_a_page_says_its_bounds(embedded, clock):
    document = Api(embedded.open(), clock).app.openapi()
    parameters = document["paths"]["/v1/traces"]["get"]["parameters"]
    by_name = {parameter["name"]: parameter["schema"] for parameter in parameters}
    assert by_name.keys() == {
        "from",
        "to",
        "tenant",
        "limit",
        "cursor",
        "service",
        "name",
        "model",
        "errors",
        "min_duration_ns",
    }
    assert (by_name["limit"]["minimum"], by_name["limit"]["maximum"]) == (1, 1000)
    assert by_name["from"]["default"] == "-1h"
