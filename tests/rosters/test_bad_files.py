"""Files that somebody made by mistake or by intent: a sentence, never a crash, and nothing entered."""

import pytest
from sqlalchemy import select

from portal.db import db
from portal.people.models import Person
from portal.rosters import actions
from portal.rosters.models import RosterPart
from portal.rosters.recognising import RosterRefused
from tests.files.workbooks import xlsx
from tests.rosters.bringing import AT, brought, count, entered, kinds, now, rows_of, said, unread
from tests.rosters.generated import HEADER, csv_of, line, lines, other, xls_of, xlsx_of
from tests.volunteers import Cast

TEAM = "晨星志愿服务队"
one_engine = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@one_engine
@pytest.mark.parametrize(
    "file",
    [
        csv_of(lines(5, teams=(TEAM,))),
        csv_of(lines(5, teams=(TEAM,)), code="utf-8-sig"),
        csv_of(lines(5, teams=(TEAM,)), code="gb18030"),
        csv_of(lines(5, teams=(TEAM,)), code="utf-16"),
        xlsx_of(lines(5, teams=(TEAM,))),
        xls_of(lines(5, teams=(TEAM,))),
        b"\xe5\x90\x8d\xe5\x86\x8c\n\n" + csv_of(lines(5, teams=(TEAM,))),
    ],
    ids=["utf-8", "utf-8 with its mark", "gb18030", "utf-16", "xlsx", "xls", "with a title"],
)
def test_every_format_and_encoding_is_read(people: Cast, bringer: Person, file: bytes) -> None:
    assert kinds(brought(bringer, file)) == {"new": 5}


@one_engine
def test_each_mistake_is_named_beside_its_column(people: Cast, bringer: Person) -> None:
    good = line(1, team=TEAM)
    wrong = {
        "身份证号的校验位对不上，请对照证件再看一遍。": other(
            good, id_number=good[5][:17] + ("1" if good[5][17] != "1" else "2")
        ),
        "出生日期和身份证号里的不一样，请对照证件再看一遍。": other(good, born_on="1950-01-01"),
        "没有叫「没有这个队」的服务队。": other(good, teams="没有这个队"),
        "认不出这个号码。手机写 11 位，境外的写 + 和国家代码；邮箱要有 @。": other(good, contact="1390000"),
        "名字里混用了形近的文字，请重新打一遍。": other(good, name="王\u0430小明"),
        "没有写姓名。": other(good, name=""),
        "性别请写男或女。": other(good, gender="妇"),
        "表格把号码存成了数字，末尾几位丢了。请把这一列设成文本，重新填写。": other(good, id_number="1.10105E+17"),
        "这不是门户的志愿者编号（V 加 10 位数字）。别处的编号请留空，或者不用这一列。": other(
            good, number="330481000123"
        ),
    }
    roster = brought(bringer, list(wrong.values()))
    assert kinds(roster) == {"wrong": len(wrong)}
    assert [said(row)[0] for row in rows_of(roster)] == list(wrong)
    assert all(row.problem_words[0]["column"] in HEADER for row in rows_of(roster))
    leaked = " ".join(sentence for row in rows_of(roster) for sentence in said(row))
    assert good[5] not in leaked and good[7] not in leaked


@one_engine
def test_rare_and_long_names_are_names(people: Cast, bringer: Person) -> None:
    names = ("㛃", "𠮷野家福", "买买提·阿卜杜拉", "名" * 40)
    rows = [other(line(n, team=TEAM), name=name) for n, name in enumerate(names)]
    rows.append(other(line(9, team=TEAM), name="名" * 41))
    roster = brought(bringer, rows)
    assert kinds(roster) == {"new": 4, "wrong": 1}
    entered(roster, bringer)
    assert set(names) <= set(db.session.scalars(select(Person.name)))


@one_engine
def test_three_thousand_wrong_rows_stay_usable(people: Cast, bringer: Person) -> None:
    rows = [one if n > 2_999 else other(one, gender="不详") for n, one in enumerate(lines(3_030, teams=(TEAM,)))]
    roster = brought(bringer, rows)
    assert kinds(roster) == {"new": 30, "wrong": 3_000}
    entered(roster, bringer)
    assert now(roster).status == "booked"


@one_engine
@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (b"", "空文件"),
        (b"%PDF-1.7 no table", "不是表格文件"),
        (("姓名,姓名,联系方式\n" + "甲,乙,13900000001\n").encode(), "同名"),
        (("项目,数量\n" + "椅子,3\n").encode(), "找不到表头"),
        (xlsx([[None]]), "没有任何内容"),
    ],
)
def test_what_is_no_roster_is_said_on_its_page(people: Cast, bringer: Person, file: bytes, sentence: str) -> None:
    roster = brought(bringer, file)
    assert (roster.status, roster.rows) == ("preview", 0)
    assert sentence in (roster.refusal or {})["zh"]
    actions.withdraw(roster, by=bringer, at=AT)
    db.session.commit()
    assert count(RosterPart) == 0


@one_engine
def test_a_hundred_thousand_empty_rows_are_no_rows(people: Cast, bringer: Person) -> None:
    blank = ("," * 10 + "\r\n").encode() * 100_000
    assert kinds(brought(bringer, csv_of(lines(3, teams=(TEAM,))) + b"\r\n" + blank)) == {"new": 3}


@one_engine
def test_headers_that_come_again_on_each_page_are_no_people(people: Cast, bringer: Person) -> None:
    rows = [line(1, team=TEAM), HEADER, line(2, team=TEAM), ("填表人：方社工", *[""] * 10)]
    assert kinds(brought(bringer, rows)) == {"new": 2}


@one_engine
def test_null_bytes_and_marks_that_nobody_sees_do_no_harm(people: Cast, bringer: Person) -> None:
    row = other(line(1, team=TEAM), name="王\u200b小\x00明", area="西山\u202e社区")
    roster = brought(bringer, [row])
    (kept,) = rows_of(roster)
    assert (kept.kind, kept.name) == ("new", "王小明")


@one_engine
def test_other_titles_are_named_once_and_then_known(people: Cast, bringer: Person) -> None:
    header = ("序", "称呼", "电联", "哪个队")
    rows = [("1", "王小雨", "13900000001", TEAM), ("2", "李小晴", "13900000002", TEAM)]
    roster = brought(bringer, rows, header=header)
    assert roster.refusal and [one["title"] for one in roster.columns["titles"]] == list(header)
    said_so = {"序": "ignore", "称呼": "name", "电联": "contact", "哪个队": "teams"}
    actions.have_read_again(roster, said_so, by=bringer, at=AT)
    actions.keep_mapping(roster, "隔壁系统", by=bringer, at=AT)
    db.session.commit()
    from portal.jobs.worker import work_one

    assert work_one()
    assert kinds(now(roster)) == {"new": 2}
    assert kinds(brought(bringer, rows, header=header)) == {"new": 2}


@one_engine
def test_a_column_cannot_mean_what_there_is_not(people: Cast, bringer: Person) -> None:
    roster = unread(bringer, csv_of(lines(1)), column_map={"姓名": "password"})
    from portal.jobs.worker import work_one

    assert work_one()
    assert "不能对应到" in (now(roster).refusal or {})["zh"]
    assert issubclass(RosterRefused, Exception)
