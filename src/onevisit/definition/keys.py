"""What each key of the language means to the admin who writes it; editors and the guide show it."""

from onevisit.definition import dialect, lifecycle, place, workflow
from onevisit.definition.values import Limit, Span, Value

KINDS: dict[str, tuple[type[Value], str]] = {
    "workflow": (workflow.Workflow, "一件事：workflows/ID.yaml"),
    "form": (dialect.FormFile, "表单：forms/ID.yaml"),
    "directory": (place.Directory, "部门与共享来源：workflows/directory.yaml"),
    "jurisdiction": (place.Jurisdiction, "辖区规则：workflows/jurisdictions/ID.yaml"),
    "calendar": (place.Calendar, "工作日历：workflows/calendars/ID.yaml"),
    "lifecycle": (lifecycle.Lifecycle, "办件生命周期：workflows/lifecycles/ID.yaml"),
}
"""Each kind of file: the value it is read into and where it lies."""

_ID = "小写英文标识，在同一列表里不能重复"
_BASIS = "依据：法律条文，或者公布的承诺"
_WHEN = "条件（CEL）：成立时才有这一项；不写就总是有"

WORKFLOW_KEYS: dict[type[Value], dict[str, str]] = {
    workflow.Workflow: {
        "id": "标识，与文件名一致，如 open_restaurant",
        "title": "名称，如 开办餐饮店“一件事”",
        "version": '版本号，要加引号，如 "1.0"',
        "summary": "一句话说明，显示在服务列表里",
        "effective": "从哪天起（到哪天止）可以办",
        "authority": "牵头部门的标识",
        "audience": "办给谁：person 个人，enterprise 企业",
        "jurisdiction": "适用哪个辖区的规则",
        "lifecycle": "办件走哪种生命周期；不写是 standard",
        "keywords": "别人会用哪些词来找这件事",
        "life_events": (
            "人生或者经营的哪个阶段会遇到：birth 出生，school 上学，work 就业，marriage 婚姻，"
            "home 住房，health 就医，support 救助扶残，retirement 退休，death 身后；"
            "start 开办，operate 经营，build 建设，hire 用工，change 变更，close 注销"
        ),
        "basis": "整件事的依据，至少一条",
        "promise": "对整件事的承诺：到场几次、几个工作日",
        "baseline": "改革前分别办理是什么样，用来对照",
        "situations": "情形引导：申请前问几个问题，据此裁剪事项和材料",
        "form": "用哪张表单（forms/ 里的标识）",
        "window": "只在一段时间内收件的（如入学报名），写明起止日",
        "submission": "从哪些渠道申请，几天内受理",
        "materials": "材料清单，每种只写一次",
        "items": "各部门的事项",
        "issue": "结果怎么发给申请人",
    },
    workflow.Option: {"id": _ID, "title": "选项的文字"},
    workflow.Question: {
        "id": _ID + "；条件里用它代表答案",
        "ask": "问题的文字",
        "type": "boolean 是或否，integer 整数，choice 几选一",
        "help": "问题下面的说明",
        "unit": "整数的单位，如 平方米",
        "min": "整数最小可以是多少",
        "max": "整数最大可以是多少",
        "options": "choice 的选项，至少两个",
        "when": "条件：前面的问题这样回答时才问这一个",
    },
    workflow.Defer: {
        "days": "受理后几个工作日内补上",
        "on_timeout": "到期没补：revoke 撤销受理，reject 不予",
        "basis": _BASIS,
    },
    workflow.Material: {
        "id": _ID,
        "title": "材料名称",
        "source": (
            "哪里来：applicant 申请人提交，shared 共享数据，form 由表单生成，"
            "prior 前面事项的结果，pledge 以承诺代替"
        ),
        "origin": "source: shared 写“来源.字段”，source: prior 写事项标识",
        "holder": "source: shared 时是谁的记录：applicant 申请人本人（默认），other 别人",
        "need": "required 必须，optional 可有可无，deferrable 可容缺后补",
        "defer": "容缺后补的期限和后果；need: deferrable 时必须写",
        "media": "electronic 电子，paper 纸质",
        "original": (
            "什么时候必须看原件：submission 申请时，acceptance 受理前，"
            "collection 领取时；写几个就任选其一"
        ),
        "carried": "前面事项的纸质结果要申请人自己领来再交（会多跑一次）",
        "items": "哪些事项用到它",
        "when": _WHEN,
        "issuer": "由谁出具",
        "standard": "受理标准：合格的材料是什么样",
        "alternatives": "可以代替它的其他材料，交其中一种即可",
        "sample": "样例：templates/samples/ 里的模板名（不带 .html）",
        "copies": "份数",
        "basis": "为什么要收：法律依据",
    },
    workflow.Route: {
        "kind": "approval 许可，filing 备案，pledge 告知承诺",
        "when": "条件：按次序取第一个成立的；最后一种不能带条件",
        "steps": "经过哪些环节，如 [handle, review, decide]（承办、审核、决定）",
        "promise": "这种方式的承诺时限；不写用事项的",
        "on_the_spot": "当场办结，申请人可以等着取",
        "check": "告知承诺之后多久内核查",
    },
    workflow.Special: {
        "kind": (
            "许可法第四十五条列举的特别程序：hearing 听证，tender 招标，auction 拍卖，"
            "inspection 检验，test 检测，quarantine 检疫，appraisal 鉴定，"
            "experts 专家评审"
        ),
        "days": "最长几个工作日",
        "title": "名称，如 残疾评定",
        "basis": _BASIS,
        "when": _WHEN,
    },
    workflow.Appointment: {
        "id": _ID,
        "title": "约在什么事上，如 面谈",
        "joint": "同名的约见合并成一次",
        "held": "review 受理之后，submission 与申请同时",
        "by": "department 部门要求，applicant 申请人可以要求",
        "may_be_waived": "部门可以免去",
        "when": _WHEN,
        "basis": _BASIS,
    },
    workflow.Inspection: {
        "joint": "同名的现场核查合并成一次（联合勘验）",
        "officers": "至少几名工作人员到场",
        "basis": _BASIS,
    },
    workflow.Wait: {
        "title": "公示或公告的名称",
        "days": "几个自然日",
        "basis": _BASIS,
    },
    workflow.Window: {
        "opens": "第一天",
        "closes": "最后一天",
        "basis": _BASIS,
    },
    workflow.Fee: {"yuan": '金额（元），加引号，如 "5.00"', "basis": "收费的法律依据，必须写"},
    workflow.Validity: {"years": "有效几年；不写是长期", "note": "关于有效期的说明"},
    workflow.Result: {
        "title": "证照或文书的名称",
        "template": "版式，不写用通用证照",
        "type_code": "本部门证照类型的三位序号，加引号",
        "media": "electronic 电子，paper 纸质",
        "pickup": "只能这样领取；不写按整件事的",
        "valid": "有效期",
        "fields": "印在上面的表单字段",
    },
    workflow.Item: {
        "id": _ID,
        "title": "事项名称",
        "department": "由哪个部门办",
        "category": (
            "事项类型码（GB/T 39046），加引号：01 许可，05 给付，07 确认，10 其他权力，20 公共服务"
        ),
        "code": "实施编码，31 或 33 位",
        "limit": "法定时限",
        "promise": "承诺时限，不得长于法定时限",
        "decision_days": "前置结果到了以后，作决定还要几天（包含在承诺时限里）",
        "needs": "真正的前置事项；没有先后的不要写",
        "needs_for": "start 前置办结才开始，decision 先预审、前置结果到了再决定",
        "when": _WHEN,
        "optional": "申请人可以选办，系统会自动问",
        "foreach": "按表单里一个列表逐个办理，如每个孩子一份",
        "routes": "办理方式，按条件选一种",
        "special": "可能用到的特别程序（不计入法定时限）",
        "inspection": "要到申请人的场所现场核查",
        "appointments": "要申请人到场的约见",
        "wait": "决定之前要公示或公告",
        "batch": "报名期结束后与别人的一起办",
        "fee": "收费；不写就是不收费",
        "on_reject": "不予时：item 只影响这一项，case 整件不予",
        "result": "准予时发什么",
        "basis": "事项的法律依据，至少一条",
    },
    workflow.Promise: {"visits": "最多到场几次", "days": "最多几个工作日", "basis": _BASIS},
    workflow.Baseline: {
        "visits": "以前要跑几次",
        "materials": "以前要交几份材料",
        "days": "以前要几个工作日",
        "steps": "以前有几个环节",
        "source": "这些数字从哪里来",
    },
    workflow.Submission: {
        "channels": "从哪里申请：online 网上，window 窗口，post 邮寄，kiosk 自助机，home 上门",
        "correction": "补正从哪里交",
        "acceptance": "几个工作日内受理",
        "on_the_spot": "窗口当场受理",
    },
    workflow.Issue: {
        "pickup": "怎么领：download 下载，window 窗口，post 邮寄，kiosk 自助机",
        "days": "全部决定之后几个工作日内发出",
    },
    Limit: {
        "days": "几天",
        "unit": "working 工作日（不写就是），natural 自然日",
        "basis": _BASIS,
    },
    Span: {"from": "第一天", "until": "最后一天；不写是长期"},
}

FORM_KEYS: dict[type[Value], dict[str, str]] = {
    dialect.FormFile: {
        "$schema": "可以不写",
        "$id": "标识，与文件名一致",
        "title": "表名",
        "description": "说明",
        "type": "固定是 object，可以不写",
        "x-layout": "分几页，每页问哪些字段；每个字段恰好在一页上",
        "properties": "全部字段",
        "required": "必填字段",
        "additionalProperties": "可以不写",
    },
    dialect.Page: {
        "id": _ID,
        "title": "这一页的标题",
        "help": "说明",
        "fields": "这一页的字段，按次序",
    },
    dialect.Choice: {"const": "存下来的值", "title": "选项的文字", "description": "说明"},
    dialect.Cell: {
        "title": "字段的名称",
        "type": "string 文字，integer 整数，number 小数，boolean 是或否，array 多选或表格",
        "description": "字段下面的提示",
        "examples": "样例值，演示和试填时用",
        "format": "date 日期，cn-id 身份证号，uscc 统一社会信用代码，cn-phone 手机，email 邮箱",
        "pattern": "正则表达式（不支持前后查找和反向引用）",
        "minLength": "至少几个字",
        "maxLength": "至多几个字",
        "minimum": "最小值",
        "maximum": "最大值",
        "exclusiveMinimum": "必须大于",
        "exclusiveMaximum": "必须小于",
        "oneOf": "从这些选项中选",
        "const": "true：必须选“是”才能继续（同意书）",
        "x-unit": "单位",
        "x-lines": "输入框几行高",
    },
    dialect.Question: {
        "items": "表格的列，或者多选的选项",
        "minItems": "至少几行（几项）",
        "maxItems": "至多几行（几项）",
        "uniqueItems": "不能重复",
        "x-for": '哪些事项需要它；["*"] 是每个事项。没有事项需要的字段不能问',
        "x-from": "与哪个情形问题相同：已经答过，不再问",
        "x-shared": "哪个共享来源知道它：“来源.字段”",
        "x-holder": "共享来源里谁的记录：applicant 申请人本人（默认），other 别人（不给申请人看）",
        "x-sensitivity": (
            "敏感程度：personal 个人信息，identity 身份证件，health 健康，financial 账户"
        ),
    },
    dialect.Row: {
        "type": "object 是表格的一行；多选时不写",
        "properties": "每一列",
        "required": "必填的列",
        "additionalProperties": "可以不写",
        "oneOf": "多选的选项",
    },
}

PLACE_KEYS: dict[type[Value], dict[str, str]] = {
    place.Directory: {"departments": "全部部门", "sources": "可以共享的登记簿"},
    place.Department: {
        "id": _ID,
        "title": "全称",
        "short": "简称，用在表格里",
        "uscc": "统一社会信用代码，18 位",
        "phone": "电话",
    },
    place.SharedSource: {
        "id": _ID,
        "title": "登记簿的名称",
        "department": "由哪个部门负责",
        "fields": "能提供哪些字段",
        "known_as": "这些字段在材料和表单里常叫什么；叫这些名字的不得再向申请人要",
    },
    place.KnownAs: {"field": "哪个字段", "titles": "常用的叫法"},
    place.Signatures: {"most": "办结一个事项最多几个人签字", "basis": _BASIS},
    place.CappedDays: {"days": "几个工作日", "basis": _BASIS},
    place.Jurisdiction: {
        "id": "标识，与文件名一致",
        "title": "辖区名称",
        "region": "行政区划代码，6 位，加引号",
        "calendar": "用哪个工作日历",
        "centre": "综合窗口的名称",
        "phone": "咨询电话",
        "single_limit": "单个许可的法定时限（许可法第四十二条）",
        "joint_limit": "联合、集中办理的法定时限",
        "correction_notice": "几日内一次告知补正（许可法第三十二条）",
        "correction_reply": "申请人几日内补正",
        "delivery": "决定之后几日内送达（许可法第四十四条）",
        "remedies": "不服时的救济途径，印在不予决定书上",
        "pledge_check": "告知承诺之后几个工作日内必须核查",
        "signatures": "办结一个事项最多几个人签字",
        "special_stops_promise": "特别程序期间承诺时限是否也暂停",
        "single_extension": "单个许可可以延长几个工作日（部门负责人批准）",
        "joint_extension": "联合、集中办理可以延长几个工作日（本级政府负责人批准）",
        "promise_pauses": "承诺时限可以中止的情形（法定时限不停）",
        "hours": "下班时间：之后收到的算下一个工作日收到",
        "hearing": "听证的期限",
        "renewal": "有效期届满前几个工作日申请延续",
        "mending": "告知承诺核查不符时，限几个工作日整改",
        "bars": "提供虚假材料、骗取许可后几年内不得再申请",
        "supervision": "效能监察：用去承诺时限的几成亮黄灯",
        "rating": "好差评：差评几个工作日内联系，可以勾选的理由",
        "drafts": "没有提交的草稿保存多少天",
        "keeping": "各类记录办结之后保存多少年，到期清除",
    },
    place.Reason: {"id": _ID, "title": "理由"},
    place.RatingRules: {
        "contact": "差评之后几个工作日内联系评价人",
        "praise": "满意的可以勾选的理由",
        "complaints": "不满意的可以勾选的理由",
        "basis": _BASIS,
    },
    place.Keeping: {
        "what": "哪一类记录：case 有结果的办件，attempt 没有结果的办件，message 消息，"
        "ticket 叫号，read 查阅记录",
        "years": "结束之后保存几年",
        "basis": _BASIS,
    },
    place.DraftRules: {"days": "最后一次保存之后保存多少天（自然日）", "basis": _BASIS},
    place.PromisePause: {
        "id": _ID,
        "title": "中止的情形",
        "days": "最多中止几个工作日",
        "basis": _BASIS,
    },
    place.Hours: {
        "open": '上班时间，如 "09:00"；之前不约核查、到场和听证',
        "close": '下班时间，如 "17:30"',
        "basis": _BASIS,
    },
    place.HearingRules: {
        "ask": "被告知后几个工作日内提出",
        "hold": "提出后几个工作日内举行",
        "notice": "举行前几天通知（自然日）",
        "basis": _BASIS,
    },
    place.Bars: {
        "false_material": "提供虚假材料后几年",
        "fraud": "骗取许可被撤销后几年",
        "pledge": "承诺不实被撤销后几年不再适用告知承诺；不写，到信用修复为止",
        "basis": _BASIS,
    },
    place.Supervision: {
        "yellow": "0 到 1 之间，如 0.9",
        "authority": "发出督办单的单位（部门目录中的 id）；不写为一件事的牵头部门",
        "basis": _BASIS,
    },
    place.Calendar: {
        "id": "标识，与文件名一致",
        "title": "名称",
        "first": "从哪天起有安排",
        "last": "到哪天为止；之后的日期只是暂定",
        "holidays": "周一至周五里放假的日子",
        "workdays": "周六、周日里上班的日子（调休）",
        "source": "依据哪份通知",
    },
}

LIFECYCLE_KEYS: dict[type[Value], dict[str, str]] = {
    lifecycle.Lifecycle: {
        "id": "标识，与文件名一致",
        "title": "名称",
        "case": "整件的状态和动作",
        "approval": "每个事项的状态和动作",
        "certificate": "发出的证照的状态和动作：核查、撤销、到期、延续",
    },
    lifecycle.State: {
        "title": "人看到的状态",
        "tone": "waiting 等待，active 进行中，done 完成，refused 未获准，attention 要留意",
        "final": "到此为止",
        "regions": "各事项在这个状态里办理",
        "granted": "算作准予",
    },
    lifecycle.StepKind: {
        "title": "环节名称",
        "role": "由哪个岗位办",
        "done": "办完后怎么说",
    },
    lifecycle.Transition: {
        "event": "动作的标识",
        "title": "动作的名称",
        "from": "从哪些状态；$first $step $later $last $notice 指事项的环节",
        "to": "到哪个状态；$first $next 指事项的环节",
        "by": "哪个岗位可以做；step 本环节，automatic 自动，timer 到期",
        "when": "还要满足什么",
        "reasons": "必须写明理由",
        "documents": "随之制作的文书",
        "after": "哪一个期限到了（by: timer 时写）",
    },
    lifecycle.Act: {
        "event": "动作的标识",
        "title": "动作的名称",
        "from": "在哪些状态里可以做；$first $step $later $last $notice 指事项的环节",
        "by": "哪个岗位可以做；step 本环节",
        "when": "还要满足什么",
        "reasons": "必须写明理由",
        "documents": "随之制作的文书",
        "clock": "pauses_both 暂停法定与承诺，pauses_promise 只暂停承诺，runs 恢复，extends 延长",
    },
    lifecycle.Region: {
        "initial": "开始时的状态",
        "states": "全部状态",
        "transitions": "全部动作",
        "acts": "不改变状态的动作：中止、听证、勘验等",
    },
    lifecycle.ApprovalRegion: {"steps": "全部环节", "notice": "公示期间的状态"},
}

KEYS = {**WORKFLOW_KEYS, **FORM_KEYS, **PLACE_KEYS, **LIFECYCLE_KEYS}


def meaning(model: type[Value], key: str) -> str:
    """What `key` of a value means, inherited meanings included; KeyError when nobody wrote it."""
    for kind in model.__mro__:
        found = KEYS.get(kind, {}).get(key)
        if found is not None:
            return found
    raise KeyError(f"{model.__name__}.{key}")
