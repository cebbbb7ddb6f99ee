"""What the portals of the fictional town keep beside its cases: call numbers, ratings, drafts of
services, authorisations, phrases, photos."""

import io
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from PIL import Image, ImageDraw
from sqlmodel import col, select

from browser.town import Town
from onevisit.cases import (
    authorise,
    claim,
    draft,
    hand_over,
    photos,
    phrases,
    rating,
    tickets,
    walk_in,
)
from onevisit.cases.interface import keys
from onevisit.catalog import drafts
from onevisit.documents import scan
from onevisit.documents.format import BEIJING
from onevisit.store.columns import new_id
from onevisit.store.session import reading
from onevisit.store.tables import Account, WorkflowVersion
from scenarios.stage import ANSWERS

RESTAURANT = "open_restaurant"


def furnish(town: Town) -> None:
    """Everything that some page beside the cases shows; today, as people would have it, also in
    the first hour after midnight."""
    now = datetime.now(UTC)
    midnight = datetime.combine(now.astimezone(BEIJING).date(), time(), BEIJING)
    town.now = max(now - timedelta(hours=1), midnight.astimezone(UTC))
    for each in (waiting_room, counter, said_of_cases, office_desk, applicants_own, studio):
        each(town)


def waiting_room(town: Town) -> None:
    """Some wait with their numbers, one is being served."""
    with town.acting("clerk") as ctx:
        tickets.sit(ctx, "3")
        drawn = [tickets.draw(ctx, queue) for queue in ("general", "person", "priority")]
        tickets.call_next(ctx, None)
        town.named["ticket_id", "drawn"] = str(drawn[0].id)


def counter(town: Town) -> None:
    """A person at the counter whose application is half written, and a case in hand."""
    with town.acting("clerk") as ctx:
        person = ctx.session.get_one(Account, town.actors["applicant2"].id)
        case = walk_in.start(ctx, person, RESTAURANT, ANSWERS)
        town.named["case_id", "walk_in"] = str(case.id)
        held = UUID(town.named["case_id", "submitted"])
        hand_over.hold(ctx, held, town.case(held).revision)


def said_of_cases(town: Town) -> None:
    """One content, one not, one not asked yet."""
    with town.acting("applicant") as ctx:
        row = rating.rate(ctx, UUID(town.named["case_id", "refused"]), 1, (), "没有说清为什么。")
        rating.rate(ctx, UUID(town.named["case_id", "pledged"]), 5, (), "")
        town.named["rating_id", "bad"] = str(row.id)


def office_desk(town: Town) -> None:
    """Phrases that are often written, and an item in hand."""
    with town.acting("market_regulation.decider") as ctx:
        phrases.add(ctx, "market_regulation", "材料齐全，符合法定形式，同意。", for_all=True)
    with town.acting("market_regulation.handler") as ctx:
        phrases.add(ctx, "market_regulation", "经审查，布局与现场一致。", for_all=False)
        claim.claim(ctx, UUID(town.named["approval_id", "accepted.food"]))


def applicants_own(town: Town) -> None:
    """Somebody who may apply for the applicant, and material taken with a camera."""
    with town.acting("applicant2") as ctx:
        other = ctx.session.get_one(Account, ctx.actor.id)
        number, name = str(other.id_number), other.name
    with town.acting("applicant") as ctx:
        row = authorise.offer(ctx, number, name, [], ctx.today + timedelta(days=30))
        town.named["authorisation_id", "offered"] = str(row.id)
        case_id = UUID(town.named["case_id", "draft"])
        dossier = draft.editable(ctx, case_id)[0]
        wanted = draft.missing_materials(dossier, set())[0].path.removeprefix("material.")
        pages = [scan.page_of(_photo(text), f"{text}.jpg") for text in ("第一页", "第二页")]
        town.named["upload_id", "photos"] = str(photos.attach(ctx, case_id, wanted, pages).id)


def studio(town: Town) -> None:
    """A service that an administrator is changing, and the version that is in force."""
    with town.acting("admin") as ctx:
        home, me = town.settings.home, ctx.actor.id
        row = drafts.take_up(ctx.session, town.catalog, home, RESTAURANT, None, ctx.now, me)
        town.named["draft_id", "restaurant"] = str(row.id)
        town.named["account_id", "clerk"] = str(town.actors["clerk"].id)
        year = (ctx.today, ctx.today + timedelta(days=365))
        wish = keys.Wish("演示烟草许可系统", "tobacco", ("read", "sign:handler"), *year)
        key, _ = keys.make(ctx, wish, {"tobacco"}, new_id())
        town.named["key_id", "tobacco"] = str(key.id)
    with reading(town.engine) as session:
        mine = select(WorkflowVersion).where(WorkflowVersion.workflow_id == RESTAURANT)
        found = session.exec(mine.order_by(col(WorkflowVersion.published_at))).first()
        assert found is not None
        town.named["version_id", "restaurant"] = found.hash


def _photo(text: str) -> io.BytesIO:
    """A sheet of paper under a lamp."""
    picture = Image.new("RGB", (1200, 1600), "#f4f1ea")
    ImageDraw.Draw(picture).text((120, 120), text.encode().hex(), fill="#222222", font_size=60)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    file.seek(0)
    return file
