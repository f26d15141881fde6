"""Which tenant may use which variable: read from one setting, and wrong ones told without them."""

import pytest

from answerable.settings import Settings
from drift.monitors import variables
from sql.errors import InvalidInputError


def test_the_setting_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv(
        variables.SETTING, '{"school-a": ["WEBHOOK_A", "WEBHOOK_B"], "s/\\u00e9": []}'
    )
    listed = Settings.load().drift.drift_trigger_variables
    assert listed == {"school-a": ("WEBHOOK_A", "WEBHOOK_B"), "s/\u00e9": ()}
    monkeypatch.delenv(variables.SETTING)
    assert Settings.load().drift.drift_trigger_variables == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("WEBHOOK_A", "not JSON"),
        ("[]", "not an object"),
        ('{"school-a": "WEBHOOK_A"}', "no list of names"),
        ('{"school-a": ["PATH"]}', "does not begin with WEBHOOK_"),
        ('{"school-a": ["webhook_a"]}', "does not begin with WEBHOOK_"),
        ('{"school-a": ["WEBHOOK_A\\n"]}', "does not begin with WEBHOOK_"),
        ('{"school-a": ["WEBHOOK_A"], "school_a": ["WEBHOOK_A"]}', "a variable is one tenant's"),
        ('{"school-a": ["whsec_hunter2"]}', "does not begin with WEBHOOK_"),
    ],
)
def test_a_wrong_setting_is_told_before_the_service_starts(monkeypatch, text, told):
    monkeypatch.setenv(variables.SETTING, text)
    with pytest.raises(InvalidInputError, match=told) as raised:
        Settings.load()
    assert variables.SETTING in raised.value.detail
    assert "hunter2" not in raised.value.detail
