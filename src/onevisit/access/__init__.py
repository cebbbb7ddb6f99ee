"""Who may do and see what: pure checks on plain values, each with one reason when it refuses."""

from onevisit.access.actor import OFFICE_ROLES, Actor, Forbidden, PostValue
from onevisit.access.checks import (
    can_act,
    can_apply,
    can_edit,
    can_hand_out,
    can_publish,
    can_see_approval,
    can_see_case,
    can_take_in,
    check_can_act,
    check_can_apply,
    check_can_edit,
    check_can_hand_out,
    check_can_publish,
    check_can_see_approval,
    check_can_see_case,
    check_can_take_in,
)
from onevisit.access.visible import own_items, visible_materials, visible_sections

__all__ = [
    "OFFICE_ROLES",
    "Actor",
    "Forbidden",
    "PostValue",
    "can_act",
    "can_apply",
    "can_edit",
    "can_hand_out",
    "can_publish",
    "can_see_approval",
    "can_see_case",
    "can_take_in",
    "check_can_act",
    "check_can_apply",
    "check_can_edit",
    "check_can_hand_out",
    "check_can_publish",
    "check_can_see_approval",
    "check_can_see_case",
    "check_can_take_in",
    "own_items",
    "visible_materials",
    "visible_sections",
]
