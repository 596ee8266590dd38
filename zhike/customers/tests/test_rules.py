"""Credit code, phones, accounts, names, regions, industries: the vectors of the domain file and properties."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.customers.rules import cleaning, industries, names, reach, regions, uscc

# -- R1.1–R1.4 credit code

VALID = (
    "91350100M000100Y43", "91110000600037341L", "91440300708461136T", "91110108551385082Q", "913201000000000280",
)  # fmt: skip


@pytest.mark.parametrize("code", VALID)
def test_valid_credit_codes(code):
    assert uscc.fault(code) is None
    assert uscc.compact(f" {code[:2].lower()} {code[2:8]}-{code[8:].lower()} ") == code


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("91350100M000100Y4Z", "characters"),
        ("A1110000600037341L", "check_digit"),
        ("9135010OM000100Y43", "characters"),
        ("91350100M000100Y4", "length"),
        ("", "length"),
        ("913201000000000281", "check_digit"),
    ],
)
def test_invalid_credit_codes(code, fault):
    assert uscc.fault(code) == fault


@given(st.sampled_from(VALID), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_changed_character_is_noticed(code, place, character):
    changed = code[:place] + character + code[place + 1 :]
    assert (uscc.fault(changed) is None) == (changed == code)


def test_inner_check_and_region_only_warn():
    assert "organisation_code" not in uscc.warnings("91110000600037341L")
    assert uscc.warnings("91350100M000100Y43") == [] or uscc.fault("91350100M000100Y43") is None
    assert uscc.region_of("91440300708461136T") == "440300"


@pytest.mark.parametrize(
    ("code", "fault"),
    [("440301708461136", None), ("1" * 20, None), ("1" * 16, "length"), ("91440300708461136A", "check_digit")],
)
def test_taxpayer_numbers(code, fault):
    assert uscc.taxpayer_fault(code) == fault


# -- R1.8, R1.9 phones, e-mails, accounts


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("13800138000", "+8613800138000"),
        (" +86 138-0013-8000 ", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("013800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("010-88889999", "+861088889999"),
        ("+86 10 8888 9999", "+861088889999"),
        ("(0571) 8765-4321", "+8657187654321"),
        ("01088889999转8001", "+861088889999;ext=8001"),
        ("400-800-8888", "+864008008888"),
        ("95588", "+8695588"),
        ("+852 2345 6789", "+85223456789"),
        ("+1 650 253 0000", "+16502530000"),
        ("12800138000", None),
        ("1380013800", None),
        ("0760-1234567", None),
        ("abc", None),
        ("", None),
    ],
)
def test_phones(raw, kept):
    assert reach.phone(raw) == kept


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.sampled_from(["", "+86", "0086", "+86 ", "0"]))
def test_every_mobile_is_kept_the_same_however_written(number, prefix):
    kept = reach.phone(prefix + number)
    assert kept == "+86" + number and reach.phone(kept) == kept


@given(st.text(max_size=40))
def test_no_text_breaks_a_check(text):
    for check in (reach.phone, reach.email, regions.from_text, industries.normalise):
        check(text)
    reach.handle("WECHAT", text)
    names.core_name(text)
    uscc.fault(uscc.compact(text))


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("A.b@Example.COM", "A.b@example.com"), ("张三@公司.cn", "张三@公司.cn"), ("a@b", None), ("a..b@c.cn", None)],
)
def test_emails(raw, kept):
    assert reach.email(raw) == kept


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("WECHAT", "zhi_ke-2026", "zhi_ke-2026"),
        ("WECHAT", "138 0013 8000", "13800138000"),
        ("WECHAT", "12345678", "12345678"),
        ("WECHAT", "abcde", None),
        ("WECHAT", "1abcdef", None),
        ("QQ", "10001", "10001"),
        ("QQ", "01000", None),
    ],
)
def test_accounts(kind, raw, kept):
    assert reach.handle(kind, raw) == kept


# -- R1.10, R3.22 names


def test_spelling_differences_give_one_key():
    assert (
        len(
            {
                names.name_key(n)
                for n in ("京东（北京）公司", "京东(北京) 公司", " 京东（北京）公司 ", "京东［北京］公司")
            }
        )
        == 1
    )
    assert names.name_key("ABC Ｃo., Ltd.") == names.name_key("abc co ltd")
    assert names.name_key("买买提·艾力") == names.name_key("买买提・艾力")


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("深圳市腾讯计算机系统有限公司", "腾讯计算机系统"),
        ("广东省深圳市华为技术有限责任公司", "华为技术"),
        ("中国石油天然气集团有限公司", "中国石油天然气"),
        ("北京公司", "北京"),
    ],
)
def test_core_names(name, core):
    assert names.core_name(name) == core


@given(st.text(min_size=1, max_size=60))
def test_keys_are_stable(text):
    assert names.name_key(names.tidy(text)) == names.name_key(text)
    assert names.name_key(names.name_key(text)) == names.name_key(text)


# -- R1.7 regions


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("110101", "北京市 东城区"),
        ("429004", "湖北省 仙桃市"),
        ("441900", "广东省 东莞市"),
        ("442000", "广东省 中山市"),
        ("620200", "甘肃省 嘉峪关市"),
        ("460400", "海南省 儋州市"),
        ("810000", "香港特别行政区"),
        ("120223", "天津市 静海县(至2015年)"),
    ],
)
def test_region_names(code, name):
    assert regions.full_name(code) == name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("440305", "440305"), ("广东省深圳市南山区", "440305"), ("广东 深圳", "440300"), ("深圳", "440300"),
        ("北京", "110000"), ("北京市朝阳区", "110105"), ("上海浦东新区", "310115"), ("湖北仙桃市", "429004"),
        ("台湾", "710000"), ("120223", "120223"), ("亚特兰蒂斯", None), ("999999", None),
    ],
)  # fmt: skip
def test_regions_from_text(text, code):
    assert regions.from_text(text) == code


def test_every_region_in_force_is_found_by_its_full_name():
    for region in regions.table().values():
        if region.in_force and region.name not in {"市辖区", "县"} and "直辖" not in region.name:
            found = regions.from_text(regions.full_name(region.code))
            assert found and regions.full_name(found) == regions.full_name(region.code)


def test_thirty_four_provinces_and_their_children():
    assert len(regions.children()) == 34
    assert "深圳市" in {region.name for region in regions.children("440000")}
    assert "南山区" in {region.name for region in regions.children("440300")}


# -- R1.5 industries


@pytest.mark.parametrize(
    ("raw", "code"),
    [("C39", "C39"), ("39", "C39"), ("3911", "C3911"), ("I", "I"), ("c 3911", "C3911"), ("A39", None), ("98", None),
     ("软件和信息技术服务业", "I65"), ("制造业", "C"), ("x", None), ("餐饮", "H62"), ("食品", "C14"), ("零售", "F52"),
     ("软件", "I65"), ("医药", "C27"), ("金属", None), ("自动化", None), ("", None), ("业", None),
     ("互联网", "I64"), ("房地产", "K"), ("其他", None), ("其它", None), ("机动车", None), ("国际", None),
     ("其他金融", "J69"), ("其他制造业", "C41")],
)  # fmt: skip
def test_industries(raw, code):
    assert industries.normalise(raw) == code


def test_twenty_sections_and_ninety_seven_divisions():
    table = industries.table()
    assert sum(len(code) == 1 for code in table) == 20
    assert sorted(code[1:] for code in table if len(code) == 3) == [f"{n:02}" for n in range(1, 98)]
    assert industries.name_of("C3911") == "计算机、通信和其他电子设备制造业"
    assert [code for code, _name in industries.under("K")] == ["K70"]
    assert "K702" in [code for code, _name in industries.under("K70")]


# -- all together


def test_what_is_clean_stays_as_it_is():
    values = {
        "name": "某某公司", "phones": ["010-88889999转8", "13800138000"], "emails": ["A@B.CN"],
        "uscc": VALID[0].lower(),
        "handles": [{"kind": "wechat", "value": "abc_def"}], "region_code": "深圳",
        "industry_code": "软件和信息技术服务业",
        "birthday": "农历八月十五", "website": "zk.cn", "addresses": [{"detail": "路1号", "region_code": "北京"}],
    }  # fmt: skip
    once, faults = cleaning.clean(values, person=False)
    assert not faults
    assert cleaning.clean(once, person=False) == (once, {})


@given(st.dictionaries(st.sampled_from(sorted(cleaning._CLEANERS)), st.one_of(st.none(), st.text(string.printable))))
def test_typed_text_is_either_clean_or_refused_with_a_word(values):
    once, faults = cleaning.clean({k: v for k, v in values.items() if k not in ("handles", "addresses")}, person=False)
    assert all(faults.values())
    assert cleaning.clean(once, person=False)[1] == {}
