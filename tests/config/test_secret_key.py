import stat
from concurrent.futures import ThreadPoolExecutor

from config import secret_key


def test_make_a_long_key_for_its_owner_only(tmp_path):
    path = tmp_path / "var" / "secret_key"

    key = secret_key.for_development(path)

    assert len(key) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["secret_key"]


def test_keep_the_key(tmp_path):
    path = tmp_path / "secret_key"

    assert secret_key.for_development(path) == secret_key.for_development(path)


def test_agree_on_one_key_at_once(tmp_path):
    path = tmp_path / "secret_key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(secret_key.for_development, [path] * 8))

    assert keys == {path.read_text()}
