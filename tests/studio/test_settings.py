"""Settings: from options, variables and defaults, and nothing secret shown."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from afterglow.studio.settings import Settings, StudioError

URL = "sqlite:////tmp/studio.sqlite3"


def given(**values: Any) -> Settings:
    return Settings.gather({"database_url": URL, **values}, {})


def test_defaults_are_for_one_person_at_home() -> None:
    found = Settings.gather({}, {})
    assert (found.host, found.port, found.workers, found.processes, found.waiting_jobs) == ("127.0.0.1", 8765, 1, 2, 8)
    assert found.database.get_backend_name() == "sqlite"
    assert Path(str(found.database.database)).name == "studio.sqlite3"
    assert not found.login_required
    assert found.request_rate == 400


def test_options_go_before_variables_before_defaults() -> None:
    variables = {"AFTERGLOW_STUDIO_PORT": "9001", "AFTERGLOW_STUDIO_WORKERS": "3", "AFTERGLOW_DATABASE_URL": URL}
    found = Settings.gather({"port": 9000, "workers": None}, variables)
    assert (found.port, found.workers, found.database.database) == (9000, 3, "/tmp/studio.sqlite3")


def test_server_processes_get_the_same_settings() -> None:
    found = given(port=9000, login=True, job_minutes=2.5, requests_per_second=7, workers=2)
    assert Settings.gather({}, found.environment()) == found
    assert Settings.gather({}, given().environment()) == given()


def test_a_decimal_comma_in_a_variable_is_told() -> None:
    with pytest.raises(StudioError, match=r"The job minutes: '2,5' has a decimal comma; write 2\.5"):
        Settings.gather({}, {"AFTERGLOW_STUDIO_JOB_MINUTES": "2,5"})


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("studio.example", False),
        ("localhost.evil.example", False),
    ],
)
def test_only_this_machine_needs_no_login(host: str, local: bool) -> None:
    assert given(host=host).is_local is local
    assert given(host=host).login_required is not local
    assert given(host=host, login=True).login_required


def test_postgresql_is_reached_through_psycopg() -> None:
    for name in ("postgresql", "postgres", "postgresql+psycopg2"):
        found = given(database_url=f"{name}://ann:geheim@db.example:5433/studio?sslmode=require")
        assert found.database.drivername == "postgresql+psycopg"
        assert found.database.render_as_string(hide_password=False).endswith(
            "ann:geheim@db.example:5433/studio?sslmode=require"
        )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://h/d?password=geheim-42", "postgresql://h/d"),
        ("postgresql://ann@h/d?user=ann&password=geheim-42&sslpassword=geheim-43", "postgresql://ann@h/d"),
        ("postgresql://ann:geheim%2D42@h:5433/d?options=geheim-44", "postgresql://ann:***@h:5433/d"),
    ],
)
def test_no_form_of_a_password_is_shown(url: str, shown: str) -> None:
    found = given(database_url=url)
    assert found.shown_database == shown
    line = f"FATAL: geheim-42 and geheim%2D42 do not fit {url}"
    for secret in found.secrets:
        line = line.replace(secret, "***")
    assert "geheim-42" not in line
    assert "geheim-43" not in line


def test_an_address_with_a_sign_too_many_is_refused_without_being_shown() -> None:
    with pytest.raises(StudioError, match="%40") as error:
        given(database_url="postgresql://u:geheim@pw@host/d")
    assert "geheim" not in str(error.value)
    assert "pw" not in str(error.value)


def test_the_password_is_not_shown() -> None:
    found = given(database_url="postgresql://ann:geheim-42@db.example/studio")
    for shown in (repr(found), str(found), found.model_dump_json(), found.shown_database, str(found.database)):
        assert "geheim" not in shown
    assert found.shown_database == "postgresql://ann:***@db.example/studio"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"port": 70000}, "The port must be at most 65535, got 70000."),
        ({"port": "x"}, "The port must be a number, got 'x'."),
        ({"workers": 0}, "The workers must be at least 1"),
        ({"host": ""}, "The host must not be empty"),
        ({"database_url": "geheim"}, "not an address of a database"),
        ({"database_url": "mysql://ann:geheim@db/x"}, "'mysql'; known: postgresql, sqlite"),
        ({"database_url": "sqlite://"}, "must name a file"),
        ({"database_url": "sqlite:///:memory:"}, "must name a file"),
        ({"tls_cert": "cert.pem"}, "TLS needs both"),
        ({"tls_cert": "/nowhere/cert.pem", "tls_key": "/nowhere/key.pem"}, "No such file"),
    ],
)
def test_a_mistake_is_one_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StudioError) as error:
        given(**values)
    assert sentence in str(error.value)
    assert "geheim" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_certificate_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_text("not a certificate", encoding="ascii")
    key.write_text("not a key", encoding="ascii")
    with pytest.raises(StudioError, match="cannot be used"):
        given(tls_cert=cert, tls_key=key)


def test_a_certificate_that_fits_is_taken(tmp_path: Path) -> None:
    cert, key = make_certificate(tmp_path)
    assert given(tls_cert=cert, tls_key=key).has_tls


def make_certificate(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    """A certificate of its own for this machine, by a name."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    name = ("-subj", f"/CN={host}", "-addext", f"subjectAltName=IP:127.0.0.1,DNS:{host}")
    command = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *name)
    try:
        subprocess.run([*command, "-keyout", key, "-out", cert, "-days", "2"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    return cert, key
