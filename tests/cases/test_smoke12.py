import pytest, zipfile, io
from datetime import date
from skillsmatch.accounts.roles import Role
from tests.accounts.signing import sign_in


def test_pack(provided, tmp_path):
    r = provided.test_cli_runner().invoke(
        args=["cases", "pack", "--from", "2025-04-01", "--to", "2026-03-31", "--out", "/tmp/pack12"]
    )
    print(r.output, r.exception)
    assert r.exit_code == 0
    r = provided.test_cli_runner().invoke(
        args=["cases", "pack", "--from", "2030-04-01", "--to", "2031-03-31", "--out", str(tmp_path / "x")]
    )
    print(r.output, r.exception)
    c = provided.test_client()
    sign_in(c, provided, Role.CHAMBER, organisation="C")
    a = c.post("/priorities/pack", data={"first": "1/4/2025", "last": "31/3/2026", "what": "both"})
    assert a.status_code == 200, a.get_data(as_text=True)
    print(zipfile.ZipFile(io.BytesIO(a.data)).namelist()[:5])
