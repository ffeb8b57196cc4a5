"""What columns are called in a person's copy, and how their values are written. Chinese: it is a record, not a page."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal.clock import in_china
from portal.holdings import Holding

LABELS: Mapping[str, str] = {
    **{
        "id": "编号",
        "person_id": "谁",
        "at": "时间",
        "name": "名称",
        "kind": "种类",
        "status": "状态",
        "reason": "原因",
    },
    **{"login": "登录名", "volunteer_no": "志愿者编号", "is_open": "账号开着", "created_at": "登记时间"},
    **{"signed_out_at": "上次全部退出", "role": "身份", "scope_kind": "范围", "scope_id": "范围编号"},
    **{"starts_on": "从哪天", "ends_on": "到哪天", "given_by_id": "谁办的", "deputy_of_id": "代第几号身份"},
    **{
        "ended_at": "结束时间",
        "ended_by_id": "谁结束的",
        "end_reason": "结束原因",
        "address": "地址",
        "browser": "浏览器",
    },
    **{"asked_at": "提出时间", "since": "从何时起", "made_at": "制作时间", "used_at": "使用时间", "value": "内容"},
    **{"signs_in": "用来登录", "added_at": "添加时间", "verified_at": "证实时间", "contact_id": "联系方式编号"},
    **{"sent_at": "发出时间", "expires_at": "到期时间", "tries": "试过几次", "purpose": "用途", "version": "第几版"},
    **{"given_at": "同意时间", "paper_id": "签字照片编号", "guardian": "监护人", "guardian_relation": "监护关系"},
    **{
        "withdrawn_at": "撤回时间",
        "withdrawn_by_id": "谁撤回的",
        "status_at": "状态从何时起",
        "status_reason": "状态原因",
    },
    **{
        "gender": "性别",
        "birth_year": "出生年份",
        "born_on": "出生日期",
        "id_kind": "证件类型",
        "id_number": "证件号码",
    },
    **{"area": "居住区域", "health": "健康情况", "ethnic": "民族", "party": "政治面貌", "guardian_name": "监护人"},
    **{"guardian_mobile": "监护人手机", "has_phone": "有手机", "entered_by_id": "谁录入的", "updated_at": "修改时间"},
    **{"topic": "方面", "word": "选了什么", "number": "号码", "valid_from": "从哪天有效", "valid_until": "有效至"},
    **{"added_by_id": "谁添加的", "was": "原来", "by_id": "谁办的", "team_id": "服务队编号", "joined_on": "加入日期"},
    **{
        "left_on": "离开日期",
        "until": "到哪天",
        "invitation_id": "邀请编号",
        "words": "说明",
        "decided_at": "答复时间",
    },
    **{
        "decided_by_id": "谁答复的",
        "lender_id": "借出组织编号",
        "asked_by_id": "谁提出的",
        "membership_id": "队员身份编号",
    },
    **{"host_yes_by_id": "借入方谁同意", "host_yes_at": "借入方同意时间", "lender_yes_by_id": "借出方谁同意"},
    **{
        "lender_yes_at": "借出方同意时间",
        "said_by_id": "本人意见谁记的",
        "said_at": "本人意见时间",
        "ended_on": "结束日期",
    },
    **{
        "was_removed": "被移出",
        "message_id": "通知编号",
        "to_call": "要打电话",
        "opened_at": "打开时间",
        "content": "内容",
    },
    **{"code_to": "验证码发到", "code_expires_at": "验证码到期", "began_at": "开始时间", "changed_at": "修改时间"},
    **{"wish_organisation_id": "想加入的组织", "wish_team_id": "想加入的队", "needs_guardian": "要监护人同意"},
    **{"guardian_agreed_at": "监护人同意时间", "applied_at": "申请时间", "applied_by_id": "谁申请的"},
    **{
        "ready_at": "备好时间",
        "taken_at": "下载时间",
        "gone_at": "删除时间",
        "size": "大小（字节）",
        "mistake": "哪里不对",
    },
    **{"wanted": "应该是", "due_on": "最晚答复", "outcome": "结果", "answer": "答复", "answered_at": "答复时间"},
    **{
        "answered_by_id": "谁答复的",
        "final_at": "何时生效",
        "done_at": "办完时间",
        "holding": "哪种记录",
        "count": "数目",
    },
    **{"erased_at": "删除时间", "what": "什么", "expires_on": "有效至", "deleted_at": "删除时间", "values": "内容"},
    **{
        "url": "页面",
        "read_at": "读过时间",
        "for_digest": "等着合成一封",
        "key": "标记",
        "channel": "途径",
        "way": "怎么发",
    },
    **{"sent_to": "发到", "subject": "标题", "text": "内容", "attempts": "试过几次", "held_until": "正在发"},
    **{"forgotten_at": "清空时间", "asked": "填写的账号", "issued_by_id": "谁开的", "proven_at": "证实时间"},
    **{"grant_id": "身份编号", "wished_by_id": "谁提出的", "wished_at": "提出时间", "activity_id": "活动编号"},
    **{
        "organisation_id": "组织编号",
        "served_on": "服务日期",
        "starts_at": "开始",
        "ends_at": "结束",
        "minutes": "分钟",
    },
    **{"place": "地点", "evidence": "凭据", "is_late": "补录", "entered_at": "录入时间", "replaces_id": "代替第几号"},
    **{
        "seq": "第几次变动",
        "claim_id": "时长编号",
        "by_name": "谁办的",
        "file_id": "照片编号",
        "receipt_id": "确认单编号",
    },
    **{"kept_at": "收进时间", "issued_at": "发证时间", "pin_set_at": "设密码时间", "revoked_at": "作废时间"},
    **{
        "revoked_by_id": "谁作废的",
        "actor_id": "谁",
        "actor_name": "姓名",
        "action": "做了什么",
        "subject_kind": "哪种记录",
    },
    **{"subject_id": "记录编号", "detail": "说明", "request_id": "请求编号", "via": "来路", "sign_in_id": "登录编号"},
    **{"line_id": "操作记录编号", "twin_id": "合并的一份", "into_id": "合到哪一份", "undone_at": "退回时间"},
    **{
        "undone_by_id": "谁退回的",
        "undo_reason": "退回原因",
        "roster_id": "名单编号",
        "row_no": "第几行",
        "cells": "各格",
    },
    **{"problem_words": "问题", "changes": "改了什么", "doubt": "疑问", "twin_of": "同第几行", "decision": "怎么定的"},
    **{"is_elsewhere": "在别处", "is_waiting": "等着", "person": "谁"},
    # what she did for others
    **{"drafted_by_id": "起草", "submitted_by_id": "提交", "set_by_id": "改定", "done_by_id": "设立"},
    **{"handler_id": "经办", "approver_id": "审批", "made_by_id": "制作", "checked_by_id": "复核"},
    **{"uploaded_by_id": "上传", "handed_by_id": "移交", "confirmed_by_id": "确认", "opened_by_id": "开启"},
    **{"host_id": "在您的设备上", "merged_by_id": "合并", "changed_by_id": "修改", "sent_by_id": "发出"},
    **{"brought_by_id": "导入", "kept_by_id": "上传"},
}


def label_of(holding: Holding, column: str) -> str:
    """What the column is called; its own name where nobody has said."""
    words = holding.labels.get(column)
    return words.text if words else LABELS.get(column, column)


def said(holding: Holding, column: str, value: Any) -> str:
    """The value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{in_china(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    words = holding.values.get(column, {}).get(str(value))
    if isinstance(value, dict):
        return "；".join(f"{name}：{inner}" for name, inner in value.items())
    return words.text if words else str(value)
