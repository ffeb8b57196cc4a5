"""`portal verify`: what a confirmation's file proves, without network and without a database."""

import os
from pathlib import Path

import click
from cryptography import x509

from portal.verifying import known, reading, report
from portal.verifying.known import GIVEN, OWN, Known

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE, metavar="FILE.pdf")
@click.option("--checkpoint", type=FILE, help="A checkpoint that you kept: of the same size it must be the same.")
@click.option("--certificate", type=FILE, help="The portal's certificate (PEM), as it was published.")
@click.option("--key", "vkeys", multiple=True, metavar="VKEY", help="The log's verifier key, as it was published.")
def verify(file: Path, checkpoint: Path | None, certificate: Path | None, vkeys: tuple[str, ...]) -> None:
    """Check a confirmation: its signature, its proof, what it says. Exit 1 when anything is off."""
    data = file.read_bytes()
    believed = Known(_certificates(certificate), [(vkey, GIVEN) for vkey in vkeys] or _own_vkeys(data))
    other = checkpoint.read_text(encoding="utf-8", errors="replace") if checkpoint else None
    found = report.check(data, believed, other)
    _say(found)
    if found.off:
        raise SystemExit(1)


def _certificates(file: Path | None) -> list[tuple[x509.Certificate, str]]:
    if file is None:
        return [(one, OWN) for one in known.own_certificates(os.environ)]
    try:
        return [(one, GIVEN) for one in x509.load_pem_x509_certificates(file.read_bytes())]
    except ValueError as error:
        raise click.ClickException(f"{file} 里没有证书。") from error


def _own_vkeys(data: bytes) -> list[tuple[str, str]]:
    try:
        note = report.note_of(reading.files(reading.opened(data)))
    except reading.Off:
        return []
    return [(vkey, OWN) for vkey in known.own_vkeys(os.environ, note)]


def _say(found: report.Report) -> None:
    for name, words in found.says.items():
        click.echo(f"{name}：{words}")
    for heading, mark, sentences in (
        ("不对的地方", "✗", found.off),
        ("单独看还成立的" if found.off else "证明了", "✓", found.proven),
        ("没有证明", "·", found.unproven),
    ):
        if sentences:
            click.echo(f"\n{heading}")
        for sentence in sentences:
            click.echo(f"  {mark} {sentence}")
    click.echo(f"\n{found.verdict}")
