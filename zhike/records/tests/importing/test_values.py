"""From cells to values, in the ways people write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.records.importing import values
from zhike.records.importing.problem import Faulty

D = Decimal
STAGES = values.Choices({"WON": ["赢单", "Won"], "LOST": ["输单", "Lost"], "IT": ["软件, 硬件", "IT"]})


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1234.5", D("1234.5")), ("1,234.50", D("1234.5")), ("１２，３４５", D(12345)), ("-1,000", D(-1000)),
        ("(1,234)", D(-1234)), ("1.5e3", D(1500)), ("1.234.567,89", D("1234567.89")), ("1 234", D(1234)),
        ("3万", D(30000)), ("1.2亿", D(120000000)), ("5w", D(50000)), ("−7", D(-7)), (0.1, D("0.1")), (5, D(5)),
        ("", None), (None, None), ("-", None), ("无", None),
    ],
)  # fmt: skip
def test_numbers(cell, expected):
    assert values.number(cell) == expected


@pytest.mark.parametrize("cell", ["abc", "1,5", "12,34", "1.2.3", "--1", "1e999", "9" * 40, "=1+1", "½x", True, "٣٤x"])
def test_no_numbers(cell):
    with pytest.raises(Faulty):
        values.number(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("¥1,234.50", D("1234.50")), ("￥１，２３４", D(1234)), ("1.2万", D(12000)), ("100元", D(100)),
        ("人民币 3万元", D(30000)), ("RMB 88.888", D("88.89")), ("CNY1", D(1)), (1234.005, D("1234.01")), (99, D(99)),
        ("2.345", D("2.35")),
    ],
)  # fmt: skip
def test_money(cell, expected):
    assert values.money(cell) == expected


def test_money_in_the_unit_of_its_column():
    assert values.money("1.5", scale=10_000) == D(15000) == values.money(1.5, scale=10_000)
    assert values.money("1.5万", scale=10_000) == D(15000)
    for other in ("$5", "5 USD", "€3", "港币100"):
        with pytest.raises(Faulty):
            values.money(other)


def test_percent():
    assert values.percent("12.5%") == values.percent(0.125) == values.percent("１２．５％") == D("0.125")
    assert values.percent("30", scale=D("0.01")) == values.percent(30, scale=D("0.01")) == D("0.3")
    assert values.percent("5‰") == D("0.005")


def test_whole():
    assert values.whole("1,000") == 1000 == values.whole(1000.0)
    with pytest.raises(Faulty):
        values.whole("1.5")


@pytest.mark.parametrize(
    "cell",
    [
        "2024-01-05", "2024/1/5", "2024.1.5", "2024年1月5日", "2024 年 1 月 5 日", "20240105", 45296,
        "２０２４年１月５日", "45296", 45296.0, 20240105, "5-Jan-24", "5 Jan 2024", "Jan 5, 2024", "January 5th, 2024",
        "05-January-2024",
        "二〇二四年一月五日", "24年1月5日", "2024-01-05 00:00:00", "2024-01-05T08:30:00+08:00", "2024/1/5 星期五",
        "2024-1-5",
    ],
)  # fmt: skip
def test_days(cell):
    assert values.day(cell) == date(2024, 1, 5)


def test_days_with_the_year_last_need_an_order():
    assert values.day("25/12/2023") == values.day("12/25/2023") == date(2023, 12, 25)
    assert values.day("5/1/2024", order="DMY") == values.day("1/5/2024", order="MDY") == date(2024, 1, 5)
    with pytest.raises(Faulty):
        values.day("5/1/2024")
    assert values.order_of(["1/2/2024", "13/2/2024"]) == "DMY"
    assert values.order_of(["1/2/2024", "2/13/2024"]) == "MDY"
    assert values.order_of(["1/2/2024", 45000, None]) == ""


@pytest.mark.parametrize(
    "cell",
    [
        "2024-02-30", "2024-13-01", "1/2", "24/1/5", "明天", "2024年1月", "99999999", 7, True, "1234-01-01", 1e300,
        "31.4.2024",
    ],
)  # fmt: skip
def test_no_days(cell):
    with pytest.raises(Faulty):
        values.day(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-01-05 14:30", (6, 30, 0)), ("2024年1月5日 下午2:30", (6, 30, 0)),
        ("2024年1月5日14时30分15秒", (6, 30, 15)), ("2024/1/5 2:30 PM", (6, 30, 0)),
        ("2024-01-05T14:30:00Z", (14, 30, 0)), ("2024-01-05T14:30:00+09:00", (5, 30, 0)),
        (45296.604166666664, (6, 30, 0)), ("2024-01-05 14:30:00.123", (6, 30, 0)), ("20240105 14:30", (6, 30, 0)),
    ],
)  # fmt: skip
def test_moments(cell, expected):
    assert values.moment(cell) == datetime(2024, 1, 5, *expected, tzinfo=UTC)


def test_a_day_as_a_moment_begins_in_shanghai():
    assert values.moment("2024-01-05") == datetime(2024, 1, 4, 16, tzinfo=UTC)


def test_booleans():
    assert [values.boolean(cell) for cell in ("是", "Y", "TRUE", True, 1, "√", "１")] == [True] * 7
    assert [values.boolean(cell) for cell in ("否", "n", "False", False, 0, "×", "无")] == [False] * 7
    assert values.boolean("") is None
    with pytest.raises(Faulty):
        values.boolean("也许")


def test_choices():
    assert [STAGES.one(cell) for cell in ("WON", "won", "赢单", " 赢 单 ", "ｗｏｎ")] == ["WON"] * 5
    assert STAGES.one("") is STAGES.one(None) is None
    assert STAGES.many("赢单；Lost、WON") == ["WON", "LOST"]
    assert STAGES.many("软件, 硬件") == ["IT"]
    assert STAGES.many("赢单/Lost") == ["WON", "LOST"]
    assert values.Choices({"COACH": ["内线/教练"], "USER": ["使用者"]}).many("内线/教练；使用者") == ["COACH", "USER"]
    with pytest.raises(Faulty, match="赢单"):
        STAGES.one("未知")


def test_lists():
    assert values.tags("重点；华东, #展会\n重点") == ["重点", "华东", "展会"]
    assert values.phones("138 0013 8000；010-88886666/13900139000") == ["138 0013 8000", "010-88886666", "13900139000"]
    assert values.phones(13800138000) == ["13800138000"]
    assert values.emails("Wang <wang@Example.COM>; mailto:li@例子.中国, li@例子.中国") == [
        "wang@example.com", "li@例子.中国",
    ]  # fmt: skip
    for bad in ("wang", "a@b", "a@@b.cn", "a b@c@d.cn"):
        with pytest.raises(Faulty):
            values.emails(bad)


def test_urls():
    assert values.url("www.example.com/a") == "https://www.example.com/a"
    assert values.url("http://x.cn:8080") == "http://x.cn:8080"
    for bad in ("javascript:alert(1)", "data:text/html,x", "not a url", "localhost"):
        with pytest.raises(Faulty):
            values.url(bad)


def test_text():
    assert values.text('  =HYPERLINK("x") ') == '=HYPERLINK("x")'
    assert values.text("'=1+1") == "=1+1" and values.text("'quoted'") == "'quoted'"
    assert values.text("a\nb") == "a b" and values.text("a\nb", lines=True) == "a\nb"
    assert values.text("a\x00b\x07\ud800") == "ab"
    assert values.text(13800138000) == "13800138000" and values.text(0.1) == "0.1"
    with pytest.raises(Faulty):
        values.text(9.131e17)
    with pytest.raises(Faulty):
        values.text("字" * 11, length=10)


PARSERS = [
    values.number, values.whole, values.money, values.percent, values.day, values.moment, values.boolean,
    values.text, values.tags, values.phones, values.emails, values.url, STAGES.one, STAGES.many,
]  # fmt: skip
_cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=40),
    st.from_regex(r"[0-9,.%万元/年月日: -]{1,16}"),
)  # fmt: skip


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: getattr(parse, "__name__", "parse"))
@given(cell=_cells)
def test_any_cell_gives_a_value_or_a_reason(parse, cell):
    try:
        parse(cell)
    except Faulty as fault:
        assert str(fault)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_money_written_in_our_own_way_is_read_back(amount):
    assert values.money(f"¥{amount:,.2f}".replace("¥-", "-¥")) == values.money(str(amount)) == amount


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_days_are_read_back(the_day):
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%d %b %Y"):
        assert values.day(the_day.strftime(form)) == the_day
