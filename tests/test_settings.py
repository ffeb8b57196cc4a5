from pathlib import Path

import pytest

from portal.settings import Settings, SettingsError

KEYS = {"PORTAL_SECRET_KEY": "s" * 40, "PORTAL_DATA_KEY": "d" * 40, "PORTAL_LOG_KEY": "l" * 40}


def settings(tmp_path: Path, **environ: str) -> Settings:
    return Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path), **environ})


def test_development_needs_no_setting_and_keeps_the_keys_it_makes(tmp_path: Path) -> None:
    first, second = settings(tmp_path), settings(tmp_path)
    assert first == second
    assert first.secret_key != first.data_key
    assert (tmp_path / "portal_secret_key.txt").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("missing", [*KEYS, "PORTAL_BASE_URL"])
def test_production_does_not_start_without(missing: str, tmp_path: Path) -> None:
    environ = {**KEYS, "PORTAL_ENV": "production", "PORTAL_BASE_URL": "https://portal.example"}
    del environ[missing]
    with pytest.raises(SettingsError, match=missing):
        settings(tmp_path, **environ)


@pytest.mark.parametrize(
    "wrong",
    [
        {"PORTAL_ENV": "staging"},
        {"DATABASE_URL": "mysql://x"},
        {"PORTAL_BASE_URL": "portal.example"},
        {"PORTAL_ENV": "production", "PORTAL_SECRET_KEY": "short"},
    ],
)
def test_a_wrong_value_stops_the_start_with_a_line_that_names_it(wrong: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refusal:
        settings(tmp_path, **wrong)
    assert any(name in str(refusal.value) for name in wrong)
    assert "\n" not in str(refusal.value)
