import pytest

from portal.receipts.forms import _CONTACT


@pytest.mark.parametrize("name", ["13800138000", "138 0013 8000", "138-0013-8000", "evil.com", "www.evil.cn", "a@b.c"])
def test_a_public_name_is_no_way_to_reach_anybody(name: str) -> None:
    assert _CONTACT.search(name)


@pytest.mark.parametrize("name", ["阿依努尔·示例", "919的朋友", "海宁市示例公司（2013年）", "J. Smith", "三年级2班"])
def test_a_name_is_a_name(name: str) -> None:
    assert not _CONTACT.search(name)
