"""What a confirmation's file proves, what it does not, and what is off."""

import json
from dataclasses import dataclass, field
from typing import Any

from portal.documents.keyfile import is_demo, name_of
from portal.log import canonical, keys
from portal.log.keys import BadNote, Checkpoint
from portal.log.proofs import BadProof, check_opening, check_proof
from portal.money import yuan
from portal.verifying import paper, reading, signatures
from portal.verifying.known import Known
from portal.verifying.reading import LEAF, OPENINGS, PROOF, Off

PRIVATE = {"donor": "捐赠人", "words": "意向和备注", "people": "经办人和复核人"}
NOT_PROVEN = (
    "钱真的到了账：那要看银行，和基金公开的账。",
    "开具以后没有作废、没有退款：请上网查编号。",
    "全世界只有这一本日志：请和别人手里的检查点、见证人的签名比。",
)


@dataclass
class Report:
    """Sentences of what is proven, what is not, and what is off; `says` is what the log says, line by line."""

    proven: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    is_demo: bool = False

    @property
    def verdict(self) -> str:
        if self.off:
            return "不能相信这份文件。"
        return "文件没有被改过；它是用演示密钥签的，只作练习。" if self.is_demo else "这份文件是真的，没有被改过。"


def note_of(files: dict[str, bytes]) -> str:
    """The checkpoint inside the proof."""
    return files[PROOF].decode(errors="replace").partition("\n\n")[2]


def check(data: bytes, known: Known, other: str | None = None) -> Report:
    """Read and check everything; `other` is a checkpoint that the person kept."""
    report = Report()
    pdf = _tried(report, lambda: reading.opened(data))
    if pdf is None:
        return report
    _tried(report, lambda: _check_signature(report, pdf, known))
    files = _tried(report, lambda: reading.files(pdf))
    if files is not None:
        _tried(report, lambda: _check_log(report, files, data, known))
        if other is not None:
            _tried(report, lambda: _compare(report, note_of(files), other, known))
    report.unproven.extend(NOT_PROVEN)
    return report


def _tried(report: Report, step: Any) -> Any:
    try:
        return step()
    except Off as problem:
        report.off.append(str(problem))
        return None


def _check_signature(report: Report, pdf: reading.Pdf, known: Known) -> None:
    signature = reading.signature(pdf)
    if signature is None:
        raise Off("文件没有签名：纸面上的字没有人担保。")
    certificate = signatures.signed_by(signature)
    name = name_of(certificate)
    whose = next((whose for one, whose in known.certificates if one == certificate), None)
    if whose is None:
        raise Off(f"签名完好，但证书（{name}）不是认识的：谁都能给自己做一张。请用 --certificate 给出门户公布的证书。")
    report.proven.append(f"整份文件从签名以后一个字节也没有改过。证书：{name}，和{whose}证书一样。")
    report.is_demo = is_demo(certificate)


def _check_log(report: Report, files: dict[str, bytes], data: bytes, known: Known) -> None:
    leaf = _leaf(files[LEAF])
    report.says = _said(leaf)
    text, note = files[PROOF].decode(errors="replace"), note_of(files)
    checkpoint = _checkpoint(note, known)
    try:
        checked = check_proof(text, files[LEAF], *(vkey for vkey, _ in known.vkeys))
    except BadProof as error:
        raise Off("收录证明不成立：从这条记录算不到签过名的检查点。") from error
    place = f"公开日志（{checkpoint.origin}）第 {checked.index} 号记录"
    report.proven.append(f"这张单的内容是{place}，日志在共 {checkpoint.size} 条时签过名。")
    opened = _opened(report, leaf, files[OPENINGS])
    report.says |= {PRIVATE[name]: _words(value) for name, value in opened.items()}
    _check_paper(report, leaf, opened, data, files)


def _leaf(body: bytes) -> dict[str, Any]:
    try:
        leaf = canonical.loads(body)
        if leaf["kind"] == "receipt":
            return dict(leaf)
    except (canonical.NotCanonical, KeyError, TypeError) as error:
        raise Off("日志原文有不止一种读法，或者读不出来。") from error
    raise Off("日志原文说的不是一张确认单。")


def _checkpoint(note: str, known: Known) -> Checkpoint:
    try:
        return keys.open_note(note, *(vkey for vkey, _ in known.vkeys))
    except BadNote as error:
        raise Off("检查点不是认识的日志密钥签的。请用 --key 给出门户在 /log/key 公布的公钥。") from error


def _opened(report: Report, leaf: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The private fields whose salt and value fit what the log says."""
    try:
        openings: dict[str, dict[str, Any]] = dict(json.loads(body))
    except (ValueError, TypeError) as error:
        raise Off("打开方法读不出来。") from error
    wrong = [name for name, one in openings.items() if name not in PRIVATE or not check_opening(leaf, name, one)]
    if wrong:
        raise Off(f"{'、'.join(PRIVATE.get(name, name) for name in wrong)}：和日志里的承诺对不上。")
    if openings:
        report.proven.append(f"{'、'.join(PRIVATE[name] for name in openings)}就是当时写进日志的，一个字也没有换。")
    hidden = [words for name, words in PRIVATE.items() if name in leaf and name not in openings]
    report.unproven.extend(f"{words}是谁、是什么：打开它的盐已经删掉。" for words in hidden)
    return {name: one["value"] for name, one in openings.items()}


def _check_paper(
    report: Report, leaf: dict[str, Any], opened: dict[str, Any], data: bytes, files: dict[str, bytes]
) -> None:
    seen = paper.seen(data)
    paper.require_same_files(seen, files)
    text = seen.text
    try:
        different = list(paper.differences(text, leaf, opened))
    except (KeyError, ValueError, TypeError) as error:
        raise Off("日志原文缺了该有的内容。") from error
    if different:
        raise Off(f"纸面和日志说的不一样：{'、'.join(different)}。")
    report.proven.append("纸面上的编号、金额、日期、名称，和日志里的一样。")
    if address := paper.address_in(text, leaf["number"]):
        report.unproven.append(f"二维码通向哪里：扫出来的网址应当是 {address}")
    else:
        raise Off("纸面上没有查这个编号的网址。")
    if paper.VOID in text:
        report.proven.append("纸面写明：这张单已经作废。")


def _compare(report: Report, note: str, other: str, known: Known) -> None:
    """The same size must have the same root; what lies between two sizes only the log itself can show."""
    kept, inside = _checkpoint(other, known), _checkpoint(note, known)
    if kept.origin != inside.origin:
        raise Off(f"您留的检查点是另一本日志的（{kept.origin}）。")
    if kept.size != inside.size:
        sizes = f"您留的检查点（{kept.size} 条）和文件里的（{inside.size} 条）"
        report.unproven.append(f"{sizes}属于同一本没有改过的日志：断网比不了，请用门户的一致性证明。")
    elif kept != inside:
        raise Off("同样多的条数，却有两个不同的日志：有人改写过历史。请把两份检查点都留好。")
    else:
        report.proven.append("和您留的检查点完全一样。")


def _said(leaf: dict[str, Any]) -> dict[str, str]:
    names = {
        "number": "编号",
        "fund_name": "基金",
        "authorised_by": "授权开具",
        "received_on": "到账",
        "issued_on": "开具",
    }
    said = {words: str(leaf.get(name, "")) for name, words in names.items()}
    fen = leaf.get("fen")
    return said | ({"金额": f"¥{yuan(fen)}"} if type(fen) is int else {})


def _words(value: Any) -> str:
    return "、".join(str(one) for one in value if one) or "无" if isinstance(value, list) else str(value)
