"""Every address and every role: who gets in, read as one table. A route without a line fails.

The case of the table is accepted and in review; the addresses name it, its food item (of market
regulation), its floor plan (which tobacco does not need) and its notice of acceptance. Forms are
sent with revision 0, which no page has: whoever may act is told that the page is old.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from httpx import Response
from sqlalchemy import event
from sqlmodel import col, select
from starlette.testclient import TestClient

from functional.city import ANSWERS, ORIGIN, PDF, City
from functional.system import made
from onevisit.cases import draft
from onevisit.catalog import drafts
from onevisit.catalog.catalog import Catalog
from onevisit.catalog.folder import Folder
from onevisit.documents.format import BEIJING
from onevisit.store.citizen_tables import Authorisation, Rating
from onevisit.store.desk_tables import Ticket
from onevisit.store.session import reading, writing
from onevisit.store.sign_in_tables import SignIn
from onevisit.store.tables import Account, Approval, Document, Upload
from onevisit.store.turn_tables import Certificate, PledgeCheck
from onevisit.store.work_tables import Message
from onevisit.web.app import ROUTERS

PEOPLE = {
    "anon": "",
    "owner": "applicant",
    "other": "applicant2",
    "clerk": "clerk",
    "issue": "window",
    "food": "market_regulation.handler",
    "smoke": "tobacco.handler",
    "admin": "admin",
    "watch": "supervisor",
    "head": "market_regulation.head",
    "gov": "government",
    "oper": "operator",
}
TABLE = """
VERB ADDRESS                                  anon  owner other clerk issue food  smoke admin watch head  gov   oper
GET  /healthz                                 ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /readyz                                  ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /metrics                                 --    --    --    --    --    --    --    --    --    --    --    --
GET  /services                                ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /                                        ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /services/{service_id}                   ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /services/{service_id}/start             ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /services/{service_id}/result            ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /samples/{name}                           ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /verify                                  ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /verify                                  ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /verify/holder                           ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /verify/holder                           ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /verify/status.json                      --    --    --    --    --    --    --    --    --    --    --    --
GET  /verify/trust.json                       ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /progress                                ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /progress                                ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /statistics                              ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /sign-in                                 ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /sign-in                                 ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /preferences                             ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /search                                  ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /exports/desk                            in    no    no    ok    no    no    no    no    no    no    no    no
GET  /exports/office                          in    no    no    no    no    ok    ok    no    no    ok    no    no
GET  /exports/window                          in    no    no    no    ok    no    no    no    no    no    no    no
GET  /exports/watch                           in    no    no    no    no    no    no    no    ok    no    no    no
GET  /exports/my                               in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /my                                      in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /my/start/{service_id}                   in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /my/{case_id}                            in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/withdraw                   in    ok    no    ok    ok    no    no    no    no    no    no    no
POST /my/{case_id}/withdraw                   in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/data                                 in    ok    ok    no    no    no    no    no    no    no    no    no
GET  /my/data/uses                            in    ok    ok    no    no    no    no    no    no    no    no    no
GET  /my/data/download                        in    ok    ok    no    no    no    no    no    no    no    no    no
POST /my/data/download                        in    ok    ok    no    no    no    no    no    no    no    no    no
GET  /my/data/close                           in    ok    ok    no    no    no    no    no    no    no    no    no
POST /my/data/close                           in    ok    ok    no    no    no    no    no    no    no    no    no
GET  /my/reads                                in    ok    ok    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/reads                      in    ok    no    no    no    no    no    no    no    no    no    no
GET  /desk/{case_id}/reveal                   in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/reveal                   in    no    no    ok    no    no    no    no    no    no    no    no
GET  /office/{approval_id}/reveal             in    no    no    no    no    ok    no    no    no    ok    no    no
POST /office/{approval_id}/reveal             in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /window/{case_id}/reveal                 in    no    no    no    --    no    no    no    no    no    no    no
POST /window/{case_id}/reveal                 in    no    no    no    --    no    no    no    no    no    no    no
GET  /watch/ratings/{rating_id}/reveal        in    no    no    no    no    no    no    no    ok    no    no    no
POST /watch/ratings/{rating_id}/reveal        in    no    no    no    no    no    no    no    ok    no    no    no
GET  /my/drafts                               in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /my/{case_id}/discard                    in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/discard                    in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/renew                      in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/renew                      in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/shared                     in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/shared                     in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/rate                       in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/rate                       in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/skip_rating                in    ok    no    no    no    no    no    no    no    no    no    no
GET  /watch/ratings/{rating_id}               in    no    no    no    no    no    no    no    ok    no    no    no
POST /watch/ratings/{rating_id}               in    no    no    no    no    no    no    no    ok    no    no    no
GET  /watch/ratings                           in    no    no    no    no    no    no    no    ok    no    no    no
GET  /my/agents                               in    ok    ok    no    no    no    no    no    no    no    no    no
GET  /my/agents/new                           in    ok    ok    no    no    no    no    no    no    no    no    no
POST /my/agents/new                           in    ok    ok    no    no    no    no    no    no    no    no    no
POST /my/agents/accept                        in    ok    ok    no    no    no    no    no    no    no    no    no
GET  /my/agents/{authorisation_id}/end        in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/agents/{authorisation_id}/end        in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/collect                    in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/answers                    in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/answers                    in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/form/{section_id}          in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/form/{section_id}          in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/review                     in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/submit                     in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/submitted                  in    ok    no    ok    ok    no    no    no    no    no    no    no
GET  /my/{case_id}/correction                 in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/supplement                 in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/materials                  in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/materials/{material_id}    in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/uploads/{upload_id}/remove in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/uploads/{upload_id}/pages in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/uploads/{upload_id}/pages in    ok    no    no    no    no    no    no    no    no    no    no
GET  /files/{upload_id}                       in    ok    --    ok    ok    ok    --    --    --    ok    --    --
GET  /files/{upload_id}/pages/{number}        in    --    --    --    --    --    --    --    --    --    --    --
GET  /desk                                    in    no    no    ok    no    no    no    no    no    no    no    no
GET  /desk/{case_id}                          in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/fill                     in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/save                     in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/accept                   in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/correct                  in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/decline                  in    no    no    ok    no    no    no    no    no    no    no    no
GET  /desk/walk-in                            in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/walk-in                            in    no    no    ok    no    no    no    no    no    no    no    no
GET  /desk/walk-in/{case_id}                  in    no    no    --    no    no    no    no    no    no    no    no
POST /desk/walk-in/{case_id}                  in    no    no    --    no    no    no    no    no    no    no    no
GET  /desk/walk-in/{case_id}/notice           in    no    no    --    no    no    no    no    no    no    no    no
POST /desk/walk-in/{case_id}/notify           in    no    no    --    no    no    no    no    no    no    no    no
GET  /desk/calls                              in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/calls                              in    no    no    ok    no    no    no    no    no    no    no    no
GET  /tickets/take                            in    no    no    ok    no    no    no    no    no    no    no    no
POST /tickets/take                            in    no    no    ok    no    no    no    no    no    no    no    no
GET  /tickets/display                         ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /tickets/display/board                   ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /tickets/{ticket_id}                     in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/notice                   in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/edit                     in    no    no    ok    no    no    no    no    no    no    no    no
GET  /desk/{case_id}/papers                   in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/hold                     in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/put_down                 in    no    no    ok    no    no    no    no    no    no    no    no
GET  /desk/{case_id}/hand_over                in    no    no    ok    no    no    no    no    no    no    no    no
GET  /desk/{case_id}/supplement               in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/supplement               in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/hand_over                in    no    no    ok    no    no    no    no    no    no    no    no
GET  /desk/{case_id}/mend                     in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/mend                     in    no    no    ok    no    no    no    no    no    no    no    no
GET  /desk/{case_id}/receive_owed             in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/receive_owed             in    no    no    ok    no    no    no    no    no    no    no    no
GET  /my/{case_id}/bring                      in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/bring/{upload_id}/remove   in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/bring/{material_id}        in    ok    no    no    no    no    no    no    no    no    no    no
GET  /office                                  in    no    no    no    no    ok    ok    no    no    ok    no    no
GET  /office/{approval_id}                    in    no    no    no    no    ok    no    no    no    ok    no    no
POST /office/{approval_id}                    in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/phrases                          in    no    no    no    no    ok    ok    no    no    ok    no    no
POST /office/phrases                          in    no    no    no    no    no    no    no    no    no    no    no
POST /office/phrases/{phrase_id}/remove       in    --    --    --    --    --    --    --    --    --    --    --
GET  /office/batch                            in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /office/batch                            in    no    no    no    no    ok    ok    no    no    ok    no    no
POST /office/{approval_id}/claim              in    no    no    no    no    ok    no    no    no    ok    no    no
POST /office/{approval_id}/put_back           in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/{approval_id}/begin_special      in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/begin_special      in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/{approval_id}/end_special        in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/end_special        in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/{approval_id}/suspend            in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/suspend            in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/{approval_id}/resume             in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/resume             in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/{approval_id}/ask_extension      in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/ask_extension      in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/{approval_id}/explain_delay      in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/explain_delay      in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/{approval_id}/transfer           in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/transfer           in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/{approval_id}/extend             in    no    no    no    no    no    no    no    no    ok    no    no
POST /office/{approval_id}/extend             in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/{approval_id}/refuse_extension   in    no    no    no    no    no    no    no    no    ok    no    no
POST /office/{approval_id}/refuse_extension   in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /desk/{case_id}/ask_extension            in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/ask_extension            in    no    no    ok    no    no    no    no    no    no    no    no
GET  /desk/{case_id}/explain_delay            in    no    no    ok    no    no    no    no    no    no    no    no
POST /desk/{case_id}/explain_delay            in    no    no    ok    no    no    no    no    no    no    no    no
GET  /government                              in    no    no    no    no    no    no    no    no    no    ok    no
GET  /government/{case_id}/extend             in    no    no    no    no    no    no    no    no    no    ok    no
POST /government/{case_id}/extend             in    no    no    no    no    no    no    no    no    no    ok    no
GET  /government/{case_id}/refuse_extension   in    no    no    no    no    no    no    no    no    no    ok    no
POST /government/{case_id}/refuse_extension   in    no    no    no    no    no    no    no    no    no    ok    no
GET  /window                                  in    no    no    no    ok    no    no    no    no    no    no    no
GET  /window/{case_id}                        in    no    no    no    --    no    no    no    no    no    no    no
POST /window/{case_id}/hand-out               in    no    no    no    ok    no    no    no    no    no    no    no
GET  /window/{case_id}/print                  in    no    no    no    --    no    no    no    no    no    no    no
GET  /kiosk                                   in    no    no    no    no    no    no    no    no    no    no    no
POST /kiosk                                   in    no    no    no    no    no    no    no    no    no    no    no
GET  /kiosk/case                              in    no    no    no    no    no    no    no    no    no    no    no
POST /kiosk/take                              in    no    no    no    no    no    no    no    no    no    no    no
GET  /kiosk/papers                            in    no    no    no    no    no    no    no    no    no    no    no
GET  /kiosk/papers/{document_id}              in    no    no    no    no    no    no    no    no    no    no    no
GET  /watch                                   in    no    no    no    no    no    no    no    ok    no    no    no
GET  /watch/{case_id}                         in    no    no    no    no    no    no    no    ok    no    no    no
GET  /watch/{case_id}/clock                   in    no    no    no    no    no    no    no    ok    no    no    no
GET  /my/{case_id}/clock                      in    ok    no    ok    ok    no    no    no    no    no    no    no
GET  /desk/{case_id}/clock                    in    no    no    ok    no    no    no    no    no    no    no    no
GET  /office/{approval_id}/clock              in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /studio                                  in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/publish                          in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/templates                        in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/templates/{folder}/{file}        in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/templates/{folder}/{file}        in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/templates/{folder}/{file}/preview in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/templates/{folder}/{file}/versions/{number} in    no    no    no    no    no    no    --    no    no    no    no
POST /studio/templates/{folder}/{file}/versions/{number}/restore in    no    no    no    no    no    no    --    no    no    no    no
GET  /studio/{workflow_id}                    in    no    no    no    no    no    no    ok    no    no    no    no
GET  /messages                                in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /messages                                in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /messages/{message_id}                   in    ok    --    --    --    --    --    --    --    --    --    --
GET  /jobs                                    in    no    no    no    no    no    no    no    no    no    no    ok
POST /jobs                                    in    no    no    no    no    no    no    no    no    no    no    ok
GET  /office/calendar                         in    no    no    no    no    ok    ok    no    no    ok    no    no
GET  /office/calendar.ics                     in    no    no    no    no    ok    ok    no    no    ok    no    no
GET  /office/{approval_id}/call_inspection    in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/call_inspection    in    no    no    no    no    ok    no    no    no    no    no    no
GET  /office/{approval_id}/record_inspection  in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/record_inspection  in    no    no    no    no    ok    no    no    no    no    no    no
GET  /office/{approval_id}/call_meeting       in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/call_meeting       in    no    no    no    no    ok    no    no    no    no    no    no
GET  /office/{approval_id}/record_meeting     in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/record_meeting     in    no    no    no    no    ok    no    no    no    no    no    no
GET  /office/{approval_id}/offer_hearing      in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/offer_hearing      in    no    no    no    no    ok    no    no    no    no    no    no
GET  /office/{approval_id}/enter_hearing      in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/enter_hearing      in    no    no    no    no    ok    no    no    no    no    no    no
GET  /office/{approval_id}/call_hearing       in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/{approval_id}/call_hearing       in    no    no    no    no    ok    no    no    no    no    no    no
GET  /office/{approval_id}/hold_hearing       in    no    no    no    no    no    no    no    no    no    no    no
POST /office/{approval_id}/hold_hearing       in    no    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/items/{region:path}/ask_hearing in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/items/{region:path}/ask_hearing in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/{case_id}/items/{region:path}/waive_hearing in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/{case_id}/items/{region:path}/waive_hearing in    ok    no    no    no    no    no    no    no    no    no    no
GET  /hearings                                ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /my/certificates                         in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /my/certificates/{certificate_id}        in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/certificates/{certificate_id}/renew  in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/certificates/{certificate_id}/renew  in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/certificates/{certificate_id}/reissue in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/certificates/{certificate_id}/reissue in    ok    no    no    no    no    no    no    no    no    no    no
GET  /my/certificates/{certificate_id}/cancel in    ok    no    no    no    no    no    no    no    no    no    no
POST /my/certificates/{certificate_id}/cancel in    ok    no    no    no    no    no    no    no    no    no    no
GET  /office/certificates                     in    no    no    no    no    ok    ok    no    no    ok    no    no
GET  /office/certificates/{certificate_id}    in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/certificates/{certificate_id}/renew in    no    no    no    no    ok    no    no    no    ok    no    no
POST /office/certificates/{certificate_id}/renew in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/certificates/{certificate_id}/refuse_renewal in    no    no    no    no    ok    no    no    no    ok    no    no
POST /office/certificates/{certificate_id}/refuse_renewal in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/certificates/{certificate_id}/revoke_certificate in    no    no    no    no    no    no    no    no    no    no    no
POST /office/certificates/{certificate_id}/revoke_certificate in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/certificates/{certificate_id}/reissue_certificate in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/certificates/{certificate_id}/reissue_certificate in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/certificates/{certificate_id}/correct_certificate in    no    no    no    no    no    no    no    no    no    no    no
POST /office/certificates/{certificate_id}/correct_certificate in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/certificates/{certificate_id}/cancel_certificate in    no    no    no    no    no    no    no    no    no    no    no
POST /office/certificates/{certificate_id}/cancel_certificate in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/certificates/{certificate_id}/refuse_request in    no    no    no    no    no    no    no    no    no    no    no
POST /office/certificates/{certificate_id}/refuse_request in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/pledges                          in    no    no    no    no    ok    ok    no    no    ok    no    no
GET  /office/pledges/{check_id}               in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/pledges/{check_id}/check_pledge  in    no    no    no    no    ok    no    no    no    no    no    no
POST /office/pledges/{check_id}/check_pledge  in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/pledges/{check_id}/confirm_mended in    no    no    no    no    ok    no    no    no    ok    no    no
POST /office/pledges/{check_id}/confirm_mended in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /office/pledges/{check_id}/revoke_certificate in    no    no    no    no    no    no    no    no    no    no    no
POST /office/pledges/{check_id}/revoke_certificate in    no    no    no    no    ok    no    no    no    ok    no    no
GET  /government/reopen                       in    no    no    no    no    no    no    no    no    no    ok    no
GET  /government/cases/{case_id}/reopen       in    no    no    no    no    no    no    no    no    no    ok    no
POST /government/cases/{case_id}/reopen       in    no    no    no    no    no    no    no    no    no    ok    no
GET  /sign-in/password                        in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /sign-in/password                        in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /sign-in/code                            in    in    in    in    in    in    in    in    in    in    in    in
POST /sign-in/code                            in    in    in    in    in    in    in    in    in    in    in    in
POST /sign-in/factor/begin                    in    in    in    in    in    in    in    in    in    in    in    in
GET  /sign-in/factor                          in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /sign-in/factor                          in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /sign-in/again                           in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /sign-in/again                           in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
GET  /me/sessions                             in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /me/sessions/end                         in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /me/sessions/{sign_in_id}/end            in    ok    --    --    --    --    --    --    --    --    --    --
POST /me/recovery-codes                       in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /me/factor/remove                        in    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
POST /studio/accounts/{account_id}/no-factor  in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/accounts/{account_id}/end-sessions in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/accounts                         in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/accounts/new                     in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/accounts/new                     in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/accounts/changes                 in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/accounts/{account_id}            in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/accounts/{account_id}/details    in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/accounts/{account_id}/posts      in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/accounts/{account_id}/disable    in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/accounts/{account_id}/enable     in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/accounts/{account_id}/reset      in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/keys                             in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/keys/new                         in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/keys/new                         in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/keys/{key_id}                    in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/keys/{key_id}/revoke             in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/roles                            in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/departments                      in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/departments/new                  in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/departments/new                  in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/departments/{department_id}      in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/departments/{department_id}      in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/calendars                        in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/calendars/{calendar_id}          in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/calendars/{calendar_id}          in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/jurisdictions                    in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/jurisdictions/{jurisdiction_id}  in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/jurisdictions/{jurisdiction_id}  in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/new                              in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/schema/{kind}.json               in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/drafts                           in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/drafts                           in    no    no    no    no    no    no    --    no    no    no    no
GET  /studio/drafts/{draft_id}                in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/drafts/{draft_id}                in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/drafts/{draft_id}/check          in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/drafts/{draft_id}/discard        in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/drafts/{draft_id}/form           in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/drafts/{draft_id}/try            in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/drafts/{draft_id}/publish        in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/drafts/{draft_id}/publish        in    no    no    no    no    no    no    ok    no    no    no    no
GET  /studio/{workflow_id}/versions/{version_id} in    no    no    no    no    no    no    ok    no    no    no    no
POST /studio/{workflow_id}/versions/{version_id}/restore in    no    no    no    no    no    no    ok    no    no    no    no
POST /demo/clock                              --    --    --    --    --    --    --    --    --    --    --    --
GET  /documents/{document_id}                 in    ok    --    ok    ok    --    --    --    --    --    --    --
"""  # noqa: E501  # a table
"""ok: the page, or the act is reached; in: asked to sign in; no: forbidden; --: not there."""
STALE = {
    "revision": "0", "reason": "演示", "reasons": "演示", "event": "forward", "agreed": "yes",
    "pickup": "window", "confirmed": "yes", "name": "演示",
}  # fmt: skip
SECRETS = ("示例市演示小馆", "19900000000", "演示员工甲")


@dataclass(frozen=True)
class Line:
    """One route and what each of the people gets."""

    route: str
    answers: dict[str, str]

    def __str__(self) -> str:
        method, address = self.route.split()
        return f"{method:5}{address:41}" + "".join(f"{each:6}" for each in self.answers.values())


def routes() -> Iterator[str]:
    """Every route of the application as METHOD ADDRESS."""
    for router in ROUTERS:
        assert isinstance(router, APIRouter)
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                yield f"{method} {route.path}"


def expected() -> dict[str, Line]:
    """The table above, by route."""
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    found = (Line(" ".join(line[:2]), dict(zip(head[2:], line[2:], strict=True))) for line in lines)
    return {line.route: line for line in found}


@pytest.fixture
def ids(city: City, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the addresses name; publishing is only reached, not done."""
    nothing = Folder((), ())
    monkeypatch.setattr(Catalog, "publish_folder", lambda *_: nothing)
    return named(city)


def named(city: City) -> dict[str, str]:
    """A row of everything that addresses name, in a city of its own."""
    case_id = city.accepted()
    with reading(city.engine) as session:
        upload = session.exec(select(Upload).where(Upload.material_id == "floor_plan")).one()
        paper = session.exec(select(Document).where(Document.kind == "acceptance")).one()
        food = session.exec(select(Approval).where(Approval.region == "food")).one()
        message = session.exec(select(Message).where(Message.kind == "acceptance")).one()
    return {
        "case_id": str(case_id),
        "upload_id": str(upload.id),
        "document_id": str(paper.id),
        "approval_id": str(food.id),
        "message_id": str(message.id),
        **_issued(city, food, paper),
        "account_id": _account_id(city),
        "key_id": str(made(city, "tobacco", "read")[0]),
        "sign_in_id": _elsewhere(city),
        "department_id": "tobacco",
        "calendar_id": "cn",
        "jurisdiction_id": "demo_city",
        "service_id": "open_restaurant",
        "name": "floor_plan",
        "workflow_id": "open_restaurant",
        "section_id": "operator",
        "material_id": "floor_plan",
        "region": "food",
        "folder": "notices",
        "file": "receipt",
        "phrase_id": str(paper.id),  # nobody has kept one
        "number": "1",
        "kind": "workflow",
        **_writing(city),
    }


def _writing(city: City) -> dict[str, str]:
    """A draft of the service, and the version that it was begun from."""
    with city.acting("admin") as ctx:
        home = city.settings.home
        begun = drafts.take_up(
            ctx.session, ctx.catalog, home, "open_restaurant", None, ctx.now, ctx.actor.id
        )
        return {"draft_id": str(begun.id), "version_id": str(begun.began_from)}


def _elsewhere(city: City) -> str:
    """A session of the applicant in another browser."""
    city.session_of("applicant")
    with reading(city.engine) as session:
        newest = select(SignIn.id).order_by(col(SignIn.id).desc())
        return str(session.exec(newest).first())


def _account_id(city: City) -> str:
    """Somebody of the staff who is none of the people above."""
    with reading(city.engine) as session:
        statement = select(Account.id).where(Account.username == "clerk2")
        return str(session.exec(statement).one())


def _issued(city: City, food: Approval, paper: Document) -> dict[str, str]:
    """A certificate of the food item and a check of its pledge, as if it had been decided so."""
    certificate = Certificate(
        case_id=food.case_id, document_id=paper.id, region=food.region, item_id=food.item_id,
        department=food.department, holder_id=city.case(food.case_id).applicant_id,
        number="1.2.156.3005.2.TEST", title="食品经营许可证", state="valid",
        valid_from=date(2026, 1, 1), valid_until=date(2099, 12, 31),
    )  # fmt: skip
    check = PledgeCheck(case_id=food.case_id, region=food.region, due=date(2099, 12, 31))
    ticket = Ticket(
        day=datetime.now(BEIJING).date(), label="A001", queue="general", taken_at=datetime.now(UTC)
    )
    with writing(city.engine) as session:
        owner = city.case(food.case_id).applicant_id
        bad = Rating(
            case_id=food.case_id, grade=1, reasons=[], rated_by=owner, rated_at=datetime.now(UTC)
        )
        agency = Authorisation(
            principal_id=owner, agent_name="演示代办人", named="19900000001", services=[],
            until=date(2099, 12, 31), created_at=datetime.now(UTC),
        )  # fmt: skip
        session.add_all([certificate, check, ticket, bad, agency])
        session.flush()
        return {
            "certificate_id": str(certificate.id),
            "check_id": str(check.id),
            "ticket_id": str(ticket.id),
            "rating_id": str(bad.id),
            "authorisation_id": str(agency.id),
        }


def people(city: City) -> dict[str, TestClient]:
    """A browser for each column, which stops at redirects."""
    found = {}
    for name, username in PEOPLE.items():
        if username:
            city.client(username)  # signs in
        found[name] = TestClient(
            city.app,
            base_url=ORIGIN,
            headers={"origin": ORIGIN},
            cookies={"onevisit": city.cookies[username]} if username else {},
            follow_redirects=False,
        )
    return found


def send(browser: TestClient, route: str, ids: dict[str, str]) -> Response:
    """Open the address, or send its form from a page that is long out of date."""
    method, address = route.split()
    address = address.replace(":path", "").format_map(ids)
    answer: Response
    if method == "GET":
        answer = browser.get(address)
    elif address.endswith("/materials/floor_plan"):
        answer = browser.post(address, files={"file": ("平面图.pdf", PDF, "application/pdf")})
    else:
        answer = browser.request(method, address, data=STALE)
    return answer


def word(answer: Response) -> str:
    """One word for an answer; a fault of ours is none of the table's."""
    status = answer.status_code
    if status == 303:
        return "in" if answer.headers["location"].startswith("/sign-in") else "ok"
    return {200: "ok", 401: "in", 403: "no", 404: "--", 409: "ok", 422: "ok"}.get(
        status, str(status)
    )


def test_every_route_answers_every_role_as_the_table_says(city: City, ids: dict[str, str]) -> None:
    browsers, table = people(city), expected()
    found = {
        route: Line(
            route, {name: word(send(browser, route, ids)) for name, browser in browsers.items()}
        )
        for route in routes()
        if route != "POST /sign-out"
    }
    differing = [str(line) for route, line in found.items() if table.get(route) != line]
    assert not differing, "not as in the table:\n" + "\n".join(differing)
    assert table.keys() == found.keys(), "a line without its route"


def test_who_is_turned_away_learns_nothing(city: City, ids: dict[str, str]) -> None:
    number = city.case(UUID(ids["case_id"])).number
    assert number is not None
    for name, browser in people(city).items():
        for route in routes():
            if route == "POST /sign-out":
                continue
            answer = send(browser, route, ids)
            if word(answer) != "ok":
                told = [secret for secret in (*SECRETS, number) if secret in answer.text]
                assert told == [], f"{name} {route}"


def test_a_draft_is_its_applicants_alone(city: City, ids: dict[str, str]) -> None:
    with city.acting("applicant") as ctx:
        ids = {**ids, "case_id": str(draft.start(ctx, "open_restaurant", ANSWERS).id)}
    for name, browser in people(city).items():
        for route in routes():
            if "{case_id}" in route and "{upload_id}" not in route:
                wanted = {"anon": {"in"}, "owner": {"ok", "no", "--"}}.get(name, {"no", "--"})
                assert word(send(browser, route, ids)) in wanted, f"{name} {route}"


def test_what_is_not_there_is_not_there_for_anybody(city: City, ids: dict[str, str]) -> None:
    nothing = {name: str(uuid4()) if name.endswith("_id") else "" for name in ids}
    nothing |= {"folder": "notices", "file": "gone", "number": "9"}
    for name, browser in people(city).items():
        for route in routes():
            if "{" in route:
                wanted = {"in", "--"} if name == "anon" else {"no", "--"}
                assert word(send(browser, route, nothing)) in wanted, f"{name} {route}"


def test_nobody_holds_one_connection_and_waits_for_another(city: City, ids: dict[str, str]) -> None:
    """Else as many people at once as the pool has connections stop each other for good."""
    browsers, pool = people(city), city.app.state.site.engine.pool
    held: list[int] = []

    def taken(*_: object) -> None:
        held.append(pool.checkedout())

    event.listen(pool, "checkout", taken)
    answers = {name: str(value).lower() for name, value in ANSWERS.items()}
    started = browsers["owner"].post("/my/start/open_restaurant", data=answers)
    assert started.headers["location"].startswith("/my/")
    for name, browser in browsers.items():
        for route in routes():
            held.clear()
            send(browser, route, ids)
            assert max(held, default=0) <= 1, f"{name} {route}"


def test_a_form_that_came_back_can_be_reloaded(city: City, ids: dict[str, str]) -> None:
    """A form with errors is shown under its own address; opening that leads to its page."""
    owners = {"/my": "owner", "/desk": "clerk", "/window": "issue", "/kiosk": "device",
              "/office": "food", "/studio": "admin", "/verify": "anon", "/progress": "anon",
              "/tickets": "clerk", "/watch": "watch"}  # fmt: skip
    browsers = people(city) | {"device": city.client("kiosk")}
    pages = {route.removeprefix("GET ") for route in routes() if route.startswith("GET ")}
    forms = {route.removeprefix("POST ") for route in routes() if route.startswith("POST ")}
    lost = []
    never = {"/sign-out", "/studio/publish", "/demo/clock", "/preferences"}
    for address in sorted(forms - pages - never):
        browser = browsers[owners["/" + address.split("/")[1]]]
        here = address.replace(":path", "").format_map(ids)
        answer = browser.get(here, follow_redirects=False)
        if answer.status_code != 303:
            lost.append(address)
            continue
        assert browser.get(answer.headers["location"]).status_code in (200, 303, 404), address
    assert lost == []


def test_other_methods_are_refused(city: City, ids: dict[str, str]) -> None:
    owner = people(city)["owner"]
    addresses = {route.split()[1].replace(":path", "").format_map(ids) for route in routes()}
    for address in sorted(addresses):
        for method in ("PUT", "PATCH", "DELETE"):
            answer = owner.request(method, address)
            assert answer.status_code == 405 and re.search("<h1>", answer.text), address
