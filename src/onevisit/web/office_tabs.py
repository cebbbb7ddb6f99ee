"""The lists of the departments' office, in the order in which an officer looks at them."""

TABS = {
    "mine": "我的待办",
    "department": "本部门",
    "done": "已办",
    "pledges": "事后核查",
    "certificates": "证照监管",
}
ELSEWHERE = {"pledges": "/office/pledges", "certificates": "/office/certificates"}
"""Lists that have an address of their own."""
