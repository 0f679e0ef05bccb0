import pytest

from devices.conventions.home_assistant.templates import (
    TemplateRefused,
    check_template,
    render_value,
)
from devices.payload import decode_json


def rendered(template: str, payload: str) -> str:
    return render_value(template, payload, lambda: decode_json(payload.encode()), {})


@pytest.mark.parametrize(
    ("template", "payload", "said"),
    [
        ("{{ value_json.state }}", '{"state": "ON"}', "ON"),
        ("{{ value_json['battery'] }}", '{"battery": 87}', "87"),
        ("{{ value_json.list[1] }}", '{"list": [1, 2]}', "2"),
        ("{{ value_json.t | float | round(1) }}", '{"t": "21.46"}', "21.5"),
        ("{{ 'on' if value == '1' else 'off' }}", "1", "on"),
        ("{{ iif(value_json.a > 3, 'high', 'low') }}", '{"a": 4}', "high"),
        ("{{ value | int * 2 }}", "21", "42"),
        ("{{ value | regex_replace('^v', '') }}", "v1.2", "1.2"),
    ],
)
def test_templates_that_devices_send(template: str, payload: str, said: str) -> None:
    assert rendered(template, payload) == said


@pytest.mark.parametrize(
    "template",
    [
        "{{ ('{0.__init__}'|attr('format'))(x) }}",
        "{{ 'x'*2000000000 }}",
        "{{ 9**9**9 }}",
        "{{ ''.__class__ }}",
        "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}",
        "{% import 'os' as os %}",
        "{{ unclosed",
        "{{ '%s' | format(x) }}",
    ],
)
def test_templates_that_attack_are_refused_before_they_run(template: str) -> None:
    with pytest.raises(TemplateRefused):
        check_template(template)


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(100000000) %}x{% endfor %}",
        "{{ value | regex_replace('(a+)+$', '') }}",
        "{{ value | float / 0 }}",
        "{% for i in range(200) %}{% for j in range(200) %}abc{% endfor %}{% endfor %}",
    ],
)
def test_templates_that_would_not_end_are_stopped(template: str) -> None:
    with pytest.raises(TemplateRefused):
        rendered(template, "a" * 40)


def test_a_missing_key_is_refused_and_not_rendered_empty() -> None:
    with pytest.raises(TemplateRefused, match="has no state"):
        rendered("{{ value_json.state }}", '{"other": 1}')
