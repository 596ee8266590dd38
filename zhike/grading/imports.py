"""How purchase records, receivables and receipts are imported: the customer by number or name."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _

from zhike.grading.actions.importing import import_purchases, import_receipts, import_receivables
from zhike.records.importing.importer import Draft, Importer, register_importer
from zhike.staff.models import User

_CUSTOMER = (
    "客户", "客户名称", "客户编号", "客户姓名", "公司", "公司名称", "购货单位", "购买方", "往来单位", "付款单位",
    "customer", "customer name", "customer number", "account", "company", "client",
)  # fmt: skip


class DocumentImporter(Importer):
    """Set by set; a file needs the customer and the amount."""

    identifiers = ("number",)
    bring: ClassVar[Any]

    def required(self) -> set[str]:
        return {"customer", "amount"}

    def prepare(self, draft: Draft) -> None:
        wrong = {name for name, _problem in draft.problems}
        for name, message in (("customer", _("Say which customer it belongs to.")), ("amount", _("Say the amount."))):
            if draft.values.get(name) is None and name not in wrong:
                draft.refuse(message, name)

    def create(self, drafts: list[Draft], by: User) -> None:
        type(self).bring(by=by, drafts=[draft for draft in drafts if not draft.problems])

    def create_one(self, draft: Draft, by: User) -> None:
        self.create([draft], by)

    def update(self, draft: Draft, row: Any, values: dict[str, Any], by: User) -> None:
        """An empty cell leaves what is there."""
        super().update(draft, row, {name: one for name, one in values.items() if one not in (None, "")}, by)


@register_importer
class PurchaseImporter(DocumentImporter):
    kind = "purchases"
    names = {
        "number": ("单号", "订单号", "订单编号", "合同号", "合同编号", "销售单号", "order number", "order no",
                   "order id", "contract number", "invoice no"),
        "customer": _CUSTOMER,
        "purchased_on": ("购买日期", "订单日期", "下单日期", "签订日期", "合同日期", "销售日期", "日期", "order date",
                         "purchase date", "date", "invoice date"),
        "product": ("产品", "产品名称", "商品", "商品名称", "货品", "品名", "存货名称", "product name", "item"),
        "category": ("产品类别", "类别", "品类", "product category"),
        "quantity": ("数量", "qty"),
        "unit": ("单位", "计量单位", "uom"),
        "amount": ("金额", "购买金额", "合同金额", "订单金额", "销售金额", "价税合计", "含税金额", "order amount",
                   "total", "sales", "revenue"),
        "margin": ("毛利", "毛利额", "利润", "gross profit", "profit"),
        "channel": ("销售渠道", "渠道", "购买渠道", "sales channel"),
        "promotion": ("促销", "促销活动", "活动", "campaign"),
        "payment_method": ("付款方式", "支付方式", "收款方式", "payment"),
        "seller": ("业务员", "销售员", "销售人员", "salesperson"),
        "kind": ("类型", "业务类型", "type"),
        "state": ("状态", "订单状态", "status"),
    }  # fmt: skip
    bring = staticmethod(import_purchases)


@register_importer
class ReceivableImporter(DocumentImporter):
    kind = "receivables"
    names = {
        "number": ("单号", "应收单号", "单据编号", "发票号", "invoice no", "invoice number", "document number"),
        "customer": _CUSTOMER,
        "amount": ("应收金额", "应收款", "应收账款", "金额", "价税合计", "期末余额", "余额", "amount due", "balance"),
        "booked_on": ("入账日期", "单据日期", "业务日期", "开票日期", "日期", "invoice date", "date", "document date"),
        "due_on": ("到期日", "到期日期", "应收日期", "due date"),
    }
    bring = staticmethod(import_receivables)


@register_importer
class ReceiptImporter(DocumentImporter):
    kind = "receipts"
    names = {
        "number": ("单号", "收款单号", "回款单号", "流水号", "receipt no", "receipt number", "payment id"),
        "customer": _CUSTOMER,
        "amount": ("回款金额", "收款金额", "到账金额", "金额", "payment amount", "paid amount"),
        "received_on": ("回款日期", "收款日期", "到账日期", "日期", "payment date", "paid on", "date"),
        "method": ("回款方式", "收款方式", "付款方式", "支付方式", "payment method"),
        "payer_name": ("付款人", "付款单位名称", "付款方", "payer"),
        "receivable": ("应收单号", "核销单号", "发票号", "invoice no"),
        "state": ("状态", "status"),
    }
    bring = staticmethod(import_receipts)
