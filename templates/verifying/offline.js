"use strict";
/* Checks a confirmation's PDF by itself: no network, no library. Reads as portal/verifying/reading.py reads. */
const KNOWN = JSON.parse(document.getElementById("known").textContent);
const PRIVATE = { donor: "捐赠人", words: "意向和备注", people: "经办人和复核人" };
const LARGEST = 20 << 20;

class Off extends Error {}
const off = (sentence) => { throw new Off(sentence); };
const utf8 = new TextEncoder();
const bytesOf = (base64) => Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (two) => parseInt(two, 16));
const toHex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
const join = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { whole.set(part, at); return at + part.length; }, 0);
  return whole;
};
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
const strictly = (bytes, sentence) => {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { return off(sentence); }
};

/* ── the file ── */
const MARK = "/Type /EmbeddedFile";
const HEAD = /\/Type \/EmbeddedFile(?:(?!stream|\/Filter)[^]){0,400}\/Length (\d{1,7})>>\nstream\n/y;

function places(text) {
  const found = [];
  for (let at = 0; (at = text.indexOf(MARK, at)) >= 0;) {
    HEAD.lastIndex = at;
    const head = HEAD.exec(text);
    const start = head ? HEAD.lastIndex : 0, end = start + Number(head ? head[1] : 0);
    if (!head || text.slice(end, end + 10) !== "\nendstream") off("附件读不出来：文件被改动过，或者不是门户出的。");
    found.push([start, end]);
    at = end;
  }
  return found;
}

function filesIn(pdf) {
  const bodies = pdf.places.map(([start, end]) => pdf.data.slice(start, end));
  const isProof = (body) => new TextDecoder().decode(body.slice(0, 20)) === "c2sp.org/tlog-proof@";
  const proofs = bodies.filter(isProof).length;
  if (proofs > 1) off(`文件里有 ${proofs} 份证明，只能有一份。`);
  if (bodies.length !== 3 || !isProof(bodies[2])) off("文件里没有完整的证明：应当正好有原文、打开方法和收录证明三个附件。");
  return { leaf: bodies[0], openings: bodies[1], proof: bodies[2] };
}

function signatureIn(pdf) {
  const outside = (at) => !pdf.places.some(([start, end]) => at >= start && at < end);
  const range = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g;
  const found = [...pdf.text.matchAll(range)].filter((match) => outside(match.index));
  if (!found.length) off("文件没有签名：纸面上的字没有人担保。");
  if (found.length > 1) off("文件里有不止一个签名：签好以后又被加过东西。");
  const [first, start, end, rest] = found[0].slice(1).map(Number);
  if (first !== 0 || !(start > 0 && start < end) || end + rest !== pdf.data.length) off("签名没有管住整份文件：签好以后又加过东西，或者少了一截。");
  const inside = /^<((?:[0-9a-f]{2})+)>$/.exec(pdf.text.slice(start, end));
  if (!inside) off("签名的位置上不是签名。");
  return { container: fromHex(inside[1]), covered: join(pdf.data.subarray(0, start), pdf.data.subarray(end)) };
}

/* ── the signature: CMS, detached, RSA with SHA-256 ── */
const UNREADABLE = "签名读不出来：文件被改动过，或者不是门户签的。";

function node(bytes, at) {
  let length = bytes[at + 1], start = at + 2;
  if (length > 0x80 && length < 0x85) {
    const many = length & 0x7f;
    length = 0;
    for (let i = 0; i < many; i += 1) length = length * 256 + bytes[start + i];
    start += many;
  } else if (!(length < 0x80)) off(UNREADABLE);
  if (!(start + length <= bytes.length)) off(UNREADABLE);
  return { tag: bytes[at], whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) };
}

function parts(one, tag) {
  if (!one || (tag !== undefined && one.tag !== tag)) off(UNREADABLE);
  const found = [];
  for (let at = 0; at < one.content.length; at += found[found.length - 1].whole.length) found.push(node(one.content, at));
  return found;
}

/* Whatever stands in the container unsigned must be what the portal writes there, so that no byte can be another. */
const SHA256 = "300d06096086480165030402010500", RSA = "300d06092a864886f70d01010b0500", VERSION = "020101";
const FRAME = `${VERSION}310f${SHA256}300b06092a864886f70d010701`, SIGNED_DATA = "06092a864886f70d010702";
const der = (tag, ...contents) => {
  const whole = join(...contents), size = whole.length;
  return join([tag], size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255], whole);
};

function form(known, certificate, attributes, value) {
  const by = der(0x30, fromHex(VERSION + known.signer + SHA256), attributes, fromHex(RSA), der(0x04, value));
  const data = der(0x30, fromHex(FRAME), der(0xa0, certificate), der(0x31, by));
  return der(0x30, fromHex(SIGNED_DATA), der(0xa0, data));
}

const OIDS = { data: "2a864886f70d010701", kind: "2a864886f70d010903", digest: "2a864886f70d010904" };
const isOid = (one, name) => one && one.tag === 0x06 && toHex(one.content) === OIDS[name];

function attribute(attributes, name) {
  const found = attributes.map((one) => parts(one, 0x30)).filter((one) => isOid(one[0], name));
  const values = found.length === 1 ? parts(found[0][1], 0x31) : [];
  return values.length === 1 ? values[0] : off(UNREADABLE);
}

async function signer(signature) {
  const root = node(signature.container, 0);
  if (root.whole.length !== signature.container.length) off(UNREADABLE);
  const [, wrapped] = parts(root, 0x30);
  const [, , , certificates, infos] = parts(parts(wrapped, 0xa0)[0], 0x30);
  const [certificate] = parts(certificates, 0xa0), [info] = parts(infos, 0x31);
  const [, , , signed, , value] = parts(info, 0x30);
  const attributes = parts(signed, 0xa0);
  const digest = attribute(attributes, "digest").content;
  if (!isOid(attribute(attributes, "kind"), "data") || !same(digest, await sha256(signature.covered))) off("签名对不上：签好以后，文件里有地方被改过。");
  const fingerprint = toHex(await sha256(certificate.whole));
  const known = KNOWN.certificates.find((one) => one.fingerprint === fingerprint);
  if (!known) off("签名的证书不是门户公布的：谁都能给自己做一张。");
  if (!same(form(known, certificate.whole, signed.whole, value.content), signature.container)) off(UNREADABLE);
  const way = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("spki", bytesOf(known.spki), way, false, ["verify"]);
  const attested = join([0x31], signed.whole.subarray(1));
  return await crypto.subtle.verify(way, key, value.content, attested) ? known : off("签名是假的：证书的密钥没有签过这份文件。");
}

/* ── the log: C2SP tlog-proof, a signed note, RFC 6962 ── */
const LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/;

async function checkpointIn(note) {
  const gap = note.lastIndexOf("\n\n");
  const text = note.slice(0, gap + 1), [origin, size, root] = text.split("\n");
  if (gap < 0 || !/^(0|[1-9]\d{0,15})$/.test(size) || !/^[A-Za-z0-9+/]{43}=$/.test(root)) off("检查点读不出来。");
  for (const line of note.slice(gap + 2).split("\n").filter(Boolean)) {
    const [, name, signed] = LINE.exec(line) || off("检查点读不出来。");
    const bytes = bytesOf(signed);
    const vkey = KNOWN.vkeys.find((one) => one.startsWith(`${name}+${toHex(bytes.subarray(0, 4))}+`));
    if (name !== origin || !vkey) continue;
    const raw = bytesOf(vkey.slice(name.length + 10)).subarray(1);
    let key;
    try { key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]); } catch {
      off("这个浏览器还不会核对日志的签名（Ed25519），请换一个新一点的浏览器再核对一次。");
    }
    if (!await crypto.subtle.verify("Ed25519", key, bytes.subarray(4), utf8.encode(text))) off("检查点的签名是假的。");
    return { origin, size: Number(size), root: bytesOf(root) };
  }
  return off("检查点不是这一页认识的日志密钥签的。");
}

async function rootOver(hash, index, size, path) {
  let at = index, last = size - 1;
  if (!(index < size)) return null;
  const half = () => { at = Math.floor(at / 2); last = Math.floor(last / 2); };
  for (const one of path) {
    if (last === 0) return null;
    if (at % 2 || at === last) {
      hash = await sha256([1], one, hash);
      while (at % 2 === 0 && at) half();
    } else hash = await sha256([1], hash, one);
    half();
  }
  return last === 0 ? hash : null;
}

async function placeOf(leaf, text) {
  const gap = text.indexOf("\n\n"), lines = text.slice(0, gap).split("\n");
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines[1]);
  const path = lines.slice(2);
  if (gap < 0 || lines[0] !== "c2sp.org/tlog-proof@v1" || !index || !path.every((one) => /^[A-Za-z0-9+/]{43}=$/.test(one))) off("收录证明读不出来。");
  const checkpoint = await checkpointIn(text.slice(gap + 2));
  const root = await rootOver(await sha256([0], leaf), Number(index[1]), checkpoint.size, path.map(bytesOf));
  if (!root || !same(root, checkpoint.root)) off("收录证明不成立：从这条记录算不到签过名的检查点。");
  return { index: index[1], ...checkpoint };
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

function leafIn(body) {
  const text = strictly(body, "日志原文读不出来。");
  let leaf;
  try { leaf = JSON.parse(text); } catch { off("日志原文读不出来。"); }
  if (canonical(leaf) !== text) off("日志原文有不止一种读法。");
  if (leaf?.kind !== "receipt") off("日志原文说的不是一张确认单。");
  return leaf;
}

async function openedIn(leaf, body) {
  let openings;
  try { openings = JSON.parse(strictly(body, "打开方法读不出来。")); } catch { off("打开方法读不出来。"); }
  for (const [name, one] of Object.entries(openings)) {
    const salt = await crypto.subtle.importKey("raw", fromHex(String(one?.salt)), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const made = await crypto.subtle.sign("HMAC", salt, utf8.encode(canonical([name, one.value])));
    if (!(name in PRIVATE) || toHex(new Uint8Array(made)) !== leaf[name]) off(`${PRIVATE[name] || name}：和日志里的承诺对不上。`);
  }
  return openings;
}

/* ── what it comes to ── */
function yuan(fen) {
  const text = String(fen).padStart(3, "0");
  return `¥${text.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",")}.${text.slice(-2)}`;
}

function said(leaf, openings) {
  const words = (value) => [].concat(value).filter(Boolean).join("、") || "无";
  const rows = [["编号", leaf.number], ["金额", yuan(leaf.fen)], ["基金", leaf.fund_name], ["授权开具", leaf.authorised_by], ["到账", leaf.received_on], ["开具", leaf.issued_on]];
  return rows.concat(Object.entries(openings).map(([name, one]) => [PRIVATE[name], words(one.value)]));
}

async function check(data) {
  const report = { off: [], proven: [], unproven: [], said: [], voided: false, demo: false };
  const tried = async (step) => {
    try { return await step(); } catch (problem) {
      report.off.push(problem instanceof Off ? problem.message : "文件读不出来：它被改动过，或者不是门户出的。");
      return null;
    }
  };
  const pdf = await tried(() => {
    const text = new TextDecoder("latin1").decode(data);
    if (!text.startsWith("%PDF-") || data.length > LARGEST) off("这不是一份 PDF 文件。");
    return { data, text, places: places(text) };
  });
  if (!pdf) return report;
  await tried(() => checkSignature(pdf, report));
  await tried(() => checkLog(filesIn(pdf), report));
  report.unproven.push("钱真的到了账：那要看银行，和基金公开的账。", "全世界只有这一本日志：请和别人手里的检查点、见证人的签名比。");
  return report;
}

async function checkSignature(pdf, report) {
  const certificate = await signer(signatureIn(pdf));
  report.proven.push(`整份文件从签名以后一个字节也没有改过。证书：${certificate.name}`);
  report.demo = certificate.demo;
  const start = pdf.text.lastIndexOf("<x:xmpmeta"), end = pdf.text.indexOf("</x:xmpmeta>", start);
  report.voided = new TextDecoder().decode(pdf.data.subarray(start, end)).includes("（已作废）");
}

async function checkLog(files, report) {
  const leaf = leafIn(files.leaf);
  const place = await placeOf(files.leaf, strictly(files.proof, "收录证明读不出来。"));
  report.proven.push(`这张单的内容是公开日志（${place.origin}）第 ${place.index} 号记录，日志在共 ${place.size} 条时签过名。`);
  const openings = await openedIn(leaf, files.openings);
  const names = Object.keys(openings).map((name) => PRIVATE[name]);
  if (names.length) report.proven.push(`${names.join("、")}就是当时写进日志的，一个字也没有换。`);
  for (const name of Object.keys(PRIVATE)) {
    if (name in leaf && !(name in openings)) report.unproven.push(`${PRIVATE[name]}是谁、是什么：打开它的盐已经删掉。`);
  }
  report.said = said(leaf, openings);
  const address = `${KNOWN.portal}/verify/${leaf.number}`;
  report.unproven.push(`开具以后没有作废、没有退款：请上网打开 ${address}`, `二维码通向哪里：扫出来的网址应当正是上面这个，不是就别信。`);
}

/* ── the page ── */
function element(name, text, kind) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function answer(report) {
  if (report.off.length) return ["✗ 不能相信这份文件", "下面说了哪里不对。请向门户重新要一份，或者把这份交给基金。"];
  const void_ = report.voided ? "这张确认单已经作废。" : "";
  if (report.demo) return [`${void_}✓ 文件没有被改过（演示）`, "它是用演示密钥签的，只作练习，不证明任何捐赠。"];
  return [`${void_}✓ 这份确认单没有被改过`, "请把下面的内容和纸面比一比。"];
}

function show(report) {
  const verdict = document.getElementById("verdict");
  const [sentence, more] = answer(report);
  const head = element("p", sentence, `answer ${report.off.length ? "bad" : "good"}`);
  head.append(element("small", more));
  verdict.replaceChildren(head);
  list(verdict, "哪里不对", report.off, "bad");
  if (report.said.length && !report.off.length) {
    const rows = element("dl");
    for (const [name, words] of report.said) rows.append(element("dt", name), element("dd", words));
    verdict.append(element("h2", "日志里写的（请和纸面比一比）"), rows);
  }
  list(verdict, report.off.length ? "单独看还成立的" : "证明了", report.proven, "good");
  list(verdict, "没有证明", report.unproven, "");
  verdict.focus({ preventScroll: true });
  verdict.scrollIntoView({ block: "start" });
}

function list(place, heading, sentences, kind) {
  if (!sentences.length) return;
  const made = element("ul", "", kind);
  made.append(...sentences.map((one) => element("li", one)));
  place.append(element("h2", heading), made);
}

async function read(file) {
  if (!file) return;
  if (!globalThis.crypto?.subtle) show({ off: ["这个浏览器不让网页计算签名，请换一个新一点的浏览器。"], proven: [], unproven: [], said: [] });
  else show(await check(new Uint8Array(await file.arrayBuffer())));
}

const drop = document.getElementById("drop");
document.getElementById("file").addEventListener("change", (event) => { read(event.target.files[0]); });
document.getElementById("larger").addEventListener("change", (event) => document.documentElement.classList.toggle("larger", event.target.checked));
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop") read(event.dataTransfer.files[0]);
  });
}
