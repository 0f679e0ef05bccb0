"""Who may put a model into the house: signatures, trusted keys, versions that only rise."""

from pathlib import Path

import pytest

from edge.artefact import load_artefact, shipped
from edge.errors import ArtefactError
from edge.signature import SIGNATURE, new_key, sign
from edge.store import Admission, install, prove, remove
from edge.trust import Standing, standing
from tests.artefacts import handmade, spoil


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def maker(tmp_path: Path) -> tuple[Path, str]:
    place = tmp_path / "maker.pem"
    return place, new_key(place)


def made(tmp_path: Path, key: Path | None, version: str = "1.0.0") -> Path:
    folder = handmade(tmp_path / f"made-{version}", b"a graph", version=version)
    if key is not None:
        sign(folder / "manifest.json", key)
    return folder


def test_what_a_trusted_key_signed_is_installed_with_its_signature(
    tmp_path: Path, root: Path, maker: tuple[Path, str]
) -> None:
    key, public = maker
    artefact = install(made(tmp_path, key), root, Admission([public]))
    assert artefact.signed_by == public
    assert standing(artefact, [public]) is Standing.SIGNED
    assert standing(artefact, []) is Standing.UNTRUSTED  # no longer trusted, and still installed


def test_a_private_key_is_for_its_owner_only_and_never_replaced(tmp_path: Path) -> None:
    place = tmp_path / "key.pem"
    new_key(place)
    assert place.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ArtefactError, match="is there already"):
        new_key(place)


def test_the_signature_is_over_the_exact_bytes_of_the_manifest(
    tmp_path: Path, maker: tuple[Path, str]
) -> None:
    import base64

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    folder = made(tmp_path, maker[0])
    public, signature = (folder / SIGNATURE).read_text().split()
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.partition(":")[2]))
    key.verify(base64.b64decode(signature), (folder / "manifest.json").read_bytes())


def test_a_wrong_key_is_refused_by_name(
    tmp_path: Path, root: Path, maker: tuple[Path, str]
) -> None:
    folder = made(tmp_path, maker[0])
    other = new_key(tmp_path / "other.pem")
    with pytest.raises(ArtefactError, match=r"not in models\.trusted_keys") as caught:
        install(folder, root, Admission([other]))
    assert maker[1] in caught.value.reason
    taken = install(folder, root, Admission([other], untrusted=True))
    assert standing(taken, [other]) is Standing.UNTRUSTED


def test_every_flipped_bit_of_the_manifest_is_refused(
    tmp_path: Path, maker: tuple[Path, str]
) -> None:
    folder = made(tmp_path, maker[0])
    manifest = folder / "manifest.json"
    content = manifest.read_bytes()
    for position in range(len(content)):
        flipped = bytearray(content)
        flipped[position] ^= 1 << (position % 8)
        manifest.write_bytes(flipped)
        with pytest.raises(ArtefactError, match=r"does not fit manifest\.json"):
            load_artefact(folder)


def test_a_flipped_bit_of_a_file_is_refused(tmp_path: Path, maker: tuple[Path, str]) -> None:
    folder = made(tmp_path, maker[0])
    (folder / "model.onnx").write_bytes(b"a grapi")
    with pytest.raises(ArtefactError, match="SHA-256"):
        load_artefact(folder)


@pytest.mark.parametrize(
    "written",
    [b"", b"\xff" * 70, b"ed25519:AAAA x", b"x" * 2000, b"rsa:%s x" % (b"A" * 43 + b"=")],
)
def test_a_file_that_is_no_signature_is_refused(
    tmp_path: Path, maker: tuple[Path, str], written: bytes
) -> None:
    folder = made(tmp_path, maker[0])
    (folder / SIGNATURE).write_bytes(written)
    with pytest.raises(ArtefactError, match="not a signature"):
        load_artefact(folder)


def test_a_signature_by_one_key_in_the_name_of_another_is_refused(
    tmp_path: Path, maker: tuple[Path, str]
) -> None:
    folder = made(tmp_path, maker[0])
    other = new_key(tmp_path / "other.pem")
    signature = (folder / SIGNATURE).read_text().split()[1]
    (folder / SIGNATURE).write_text(f"{other} {signature}\n")
    with pytest.raises(ArtefactError, match="does not fit"):
        load_artefact(folder)


def test_an_expired_manifest_is_refused_although_it_is_signed(
    tmp_path: Path, root: Path, maker: tuple[Path, str]
) -> None:
    key, public = maker
    folder = made(tmp_path, None)
    spoil(folder, expires="2026-01-01T00:00:00Z")
    sign(folder / "manifest.json", key)
    with pytest.raises(ArtefactError, match="expired on 2026-01-01"):
        install(folder, root, Admission([public]))


def test_an_expiry_without_a_time_zone_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path, None)
    spoil(folder, expires="2030-01-01T00:00:00")
    with pytest.raises(ArtefactError, match="timezone"):
        load_artefact(folder)


def test_a_lower_version_is_refused_also_after_the_higher_one_was_removed(
    tmp_path: Path, root: Path, maker: tuple[Path, str]
) -> None:
    key, public = maker
    admission = Admission([public])
    install(made(tmp_path, key, "1.10.0"), root, admission)
    prove(root, "handmade", [public])
    remove(root, "handmade")
    old = made(tmp_path, key, "1.9.0")
    with pytest.raises(ArtefactError, match=r"1\.9\.0, older than the installed 1\.10\.0"):
        install(old, root, admission)
    wanted = Admission([public], downgrade=True)
    assert install(old, root, wanted).manifest.version == "1.9.0"


def test_an_unsigned_version_does_not_replace_a_signed_one(
    tmp_path: Path, root: Path, maker: tuple[Path, str]
) -> None:
    key, public = maker
    install(made(tmp_path, key, "1.0.0"), root, Admission([public]))
    prove(root, "handmade", [public])
    unsigned = made(tmp_path, None, "2.0.0")
    with pytest.raises(ArtefactError, match="is not signed, and the handmade"):
        install(unsigned, root, Admission([public]))
    assert install(unsigned, root, Admission([public], untrusted=True)).signed_by is None


def test_what_came_with_hearthd_is_trusted_by_its_place(tmp_path: Path) -> None:
    import shutil

    assert standing(load_artefact(shipped("understand")), []) is Standing.SHIPPED
    copy = Path(shutil.copytree(shipped("understand"), tmp_path / "understand"))
    assert standing(load_artefact(copy), []) is Standing.UNTRUSTED
