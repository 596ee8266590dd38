"""Believable Chinese names, numbers and texts; all made up, all from one seed."""

from __future__ import annotations

import random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志文斌宇浩凯欣怡晨曦子涵梓轩思远佳慧雨婷俊峰海波晓东"
    "雪梅春燕立新永康家豪嘉琪一鸣若曦诗雅天宇博文睿哲锦程瑞泽可心语桐安然书瑶"
)
BRAND = "华安瑞恒信达远盛嘉鼎宏泰博润康美佳诚德正新锐星云海天明辉创联合众智慧源丰茂兴隆金银宝玉凯旋腾飞卓越启航领先致远中科东方南北同方国泰民安永昌利群"
# (region code, short name)
CITIES = (
    ("110000", "北京"), ("310000", "上海"), ("120000", "天津"), ("500000", "重庆"), ("440100", "广州"),
    ("440300", "深圳"), ("330100", "杭州"), ("320100", "南京"), ("320500", "苏州"), ("420100", "武汉"),
    ("510100", "成都"), ("610100", "西安"), ("370200", "青岛"), ("370100", "济南"), ("410100", "郑州"),
    ("430100", "长沙"), ("350200", "厦门"), ("350100", "福州"), ("340100", "合肥"), ("330200", "宁波"),
    ("210100", "沈阳"), ("210200", "大连"), ("441900", "东莞"), ("440600", "佛山"), ("320200", "无锡"),
    ("530100", "昆明"), ("360100", "南昌"), ("450100", "南宁"), ("520100", "贵阳"), ("140100", "太原"),
)  # fmt: skip
# (industry code, words in a name)
TRADES = (
    ("I65", "软件"), ("I65", "信息技术"), ("I64", "网络科技"), ("C39", "电子"), ("C35", "装备制造"), ("C36", "汽车零部件"),
    ("C27", "医药"), ("C26", "新材料"), ("F51", "贸易"), ("F51", "供应链管理"), ("F52", "商业连锁"), ("G54", "物流"),
    ("E48", "建设工程"), ("E50", "装饰工程"), ("K70", "置业"), ("L72", "企业管理咨询"), ("L72", "文化传媒"), ("M74", "检测技术"),
    ("C13", "食品"), ("C18", "服饰"), ("H62", "餐饮管理"), ("P83", "教育科技"), ("Q84", "医疗管理"), ("A01", "农业发展"),
    ("C38", "电气"), ("C34", "精密机械"), ("D44", "新能源"), ("R90", "体育文化"), ("N77", "环保科技"), ("C33", "五金制品"),
)  # fmt: skip
FORMS = ("有限公司",) * 7 + ("股份有限公司", "有限责任公司", "集团有限公司")
ROADS = (
    "人民路",
    "解放路",
    "中山路",
    "建设大道",
    "科技园路",
    "创新大道",
    "滨江路",
    "长安街",
    "金融街",
    "工业园一路",
    "新华路",
    "湖滨路",
)
MOBILE_HEADS = (
    "130",
    "131",
    "133",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "158",
    "159",
    "177",
    "180",
    "186",
    "188",
    "189",
    "199",
)

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

TOPICS = (
    "年度框架采购",
    "系统升级",
    "设备更新",
    "门店装修",
    "新品铺货",
    "售后服务续约",
    "扩产项目",
    "仓储改造",
    "试点项目",
    "数字化改造",
    "办公采购",
    "区域代理",
)
CONTACTED = (
    "与{who}电话沟通了{topic}的进展，对方表示预算已经上会，预计两周内有结果。",
    "拜访{who}，现场演示了方案，对方对交付周期和售后响应比较关注，已记录需求。",
    "微信发送了{topic}的资料，{who}反馈价格偏高，希望能再优惠一些。",
    "{who}来电咨询{topic}，已答复技术参数，约好下周三当面交流。",
    "回访{who}，了解上一批货的使用情况，整体满意，提出了两点包装改进建议。",
    "与{who}确认了{topic}的合同条款，法务正在审核，等待盖章。",
    "邀请{who}参加产品交流会，对方带了两位同事，现场问了很多实施细节。",
    "催收上月货款，{who}答复财务本周五安排付款。",
)
RESULTS = (
    "有意向，继续跟进",
    "需要报价",
    "约定下次面谈",
    "暂无需求",
    "已解决问题",
    "等待对方内部决策",
    "要求再降价",
    "确认下单",
)
NEXT_STEPS = ("发送报价单", "安排演示", "约见决策人", "寄送样品", "跟进合同审批", "一周后回访", "核对技术方案", "")


def person(rng: random.Random) -> str:
    """A person's name of two or three characters."""
    given = rng.choice(GIVEN) + (rng.choice(GIVEN) if rng.random() < 0.75 else "")
    return rng.choice(SURNAMES) + given


def brand(rng: random.Random) -> str:
    return "".join(rng.sample(BRAND, 2)) + (rng.choice(BRAND) if rng.random() < 0.3 else "")


def mobile(rng: random.Random) -> str:
    """In E.164."""
    return f"+86{rng.choice(MOBILE_HEADS)}{rng.randrange(10**8):08d}"


def uscc(rng: random.Random, region: str) -> str:
    """A unified social credit code with a right check digit (GB 32100-2015, domain rule R1.1)."""
    body = f"91{region}" + "".join(rng.choices(_USCC_ALPHABET, k=9))
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(body, _USCC_WEIGHTS, strict=True))
    return body + _USCC_ALPHABET[(31 - total % 31) % 31]


def address(rng: random.Random, city: str) -> str:
    return f"{city}市{rng.choice(ROADS)}{rng.randrange(1, 999)}号{rng.randrange(1, 30)}层"


def landline(rng: random.Random) -> str:
    """In E.164."""
    return f"+86{rng.choice(('10', '21', '20', '755', '571', '25', '512', '27', '28', '29'))}{rng.randrange(2 * 10**7, 9 * 10**7)}"
