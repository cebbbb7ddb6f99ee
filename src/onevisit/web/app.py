"""Builds the web application from the settings: the only module of the web that reads them."""

from datetime import timedelta
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from onevisit import logs
from onevisit.cases.signing_in.sessions import Terms
from onevisit.catalog.catalog import Catalog
from onevisit.documents import Workshop
from onevisit.documents.clamd import Clamd
from onevisit.settings import Settings
from onevisit.store.files import FileStore
from onevisit.store.session import engine_for
from onevisit.web import (
    agency,
    applicant,
    calendar,
    certificates,
    clock,
    demo_clock,
    deputies,
    desk,
    desk_supplement,
    documents,
    draft,
    exports,
    failures,
    government,
    hand_over,
    health,
    jobs_page,
    kiosk,
    materials,
    mend,
    messages,
    metrics,
    my_data,
    my_hearing,
    my_reads,
    my_sessions,
    office,
    office_batch,
    office_certificates,
    office_hearing,
    office_pledges,
    office_turns,
    office_visits,
    owed,
    password,
    phrases,
    preferences,
    progress_lookup,
    proof,
    public,
    rating,
    reopening,
    reveal,
    samples,
    search,
    searching,
    second_factor,
    shared,
    sign_in,
    statistics,
    studio,
    studio_accounts,
    studio_calendars,
    studio_departments,
    studio_drafts,
    studio_jurisdictions,
    studio_keys,
    studio_publish,
    studio_roles,
    studio_sign_ins,
    studio_templates,
    studio_try,
    tickets,
    unified,
    unified_again,
    verify,
    walk_in,
    walk_in_start,
    watch,
    window,
)
from onevisit.web.api.apart import Apart
from onevisit.web.api.app import create_api
from onevisit.web.demo_clock import DemoClock
from onevisit.web.door import Door
from onevisit.web.edge import Site, now_utc, readable
from onevisit.web.identity_provider import Provider, Registration
from onevisit.web.metrics import Figures
from onevisit.web.pages import Pages, Place, environment
from onevisit.web.security import OurHostsOnly, SameSiteOnly, SecurityHeaders
from onevisit.web.session_cookie import SessionCookie, named
from onevisit.web.tracing import Tracing
from onevisit.web.tries import Tries
from onevisit.web.unified_cookies import Unified

STATIC = Path(__file__).parent / "static"
SMALL_ALREADY = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf", "application/ofd")
"""What is sent as it is: so whoever downloads a file is told how long it is."""
ROUTERS = (
    health.router,
    metrics.router,
    public.router,
    progress_lookup.router,
    statistics.router,
    verify.router,
    samples.router,
    sign_in.router,
    unified.router,
    unified_again.router,
    password.router,
    second_factor.router,
    proof.router,
    my_sessions.router,
    studio_sign_ins.router,
    clock.router,
    certificates.router,
    shared.router,
    agency.router,
    rating.router,  # before /my/{case_id} and /watch
    my_data.router,
    my_reads.router,
    reveal.router,
    applicant.router,
    draft.router,
    materials.router,
    tickets.router,  # before /desk/{case_id}, like the next two
    walk_in_start.router,
    walk_in.router,
    desk.router,
    hand_over.router,
    desk_supplement.router,
    mend.router,
    owed.router,
    calendar.router,  # before /office/{approval_id}
    office_visits.router,
    office_hearing.router,
    my_hearing.router,
    office_certificates.router,
    office_pledges.router,
    phrases.router,  # before /office/{approval_id}
    office_batch.router,
    office.router,
    office_turns.router,
    government.router,
    reopening.router,
    window.router,
    kiosk.router,
    studio_accounts.router,
    deputies.router,
    studio_roles.router,
    studio_departments.router,
    studio_calendars.router,
    studio_jurisdictions.router,
    studio_keys.router,  # before /studio/{workflow_id}
    studio_templates.router,  # before /studio/{workflow_id}
    studio_drafts.router,
    studio_publish.router,
    studio_try.router,
    studio.router,
    watch.router,
    messages.router,
    preferences.router,
    search.router,
    searching.router,
    exports.router,
    jobs_page.router,
    documents.router,
    demo_clock.router,
)


def create_app(settings: Settings) -> FastAPI:
    """The application with everything it needs; reads no other configuration and no clock."""
    settings = settings.prepared()
    logs.configure()
    app = FastAPI(
        title="onevisit",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(readable)],
    )
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in ROUTERS:
        app.include_router(router)
    app.state.tries = Tries()
    app.state.unified = _unified(settings)
    app.state.workshop = _workshop(settings)
    app.state.site = _site(settings, _addresses(), app.state.workshop)
    failures.install(app)
    app.add_middleware(SameSiteOnly, refuse=failures.from_elsewhere)
    app.add_middleware(
        SessionMiddleware,
        secret_key=settings.session_secret.get_secret_value(),
        session_cookie=named("onevisit-note", https=settings.https_only),
        max_age=settings.session_hours * 60 * 60,
        same_site="lax",
        https_only=settings.https_only,
    )
    app.add_middleware(
        SessionCookie, https=settings.https_only, seconds=settings.session_hours * 60 * 60
    )
    app.state.api = create_api(app.state.site)
    app.add_middleware(Apart, prefix="/api", other=app.state.api)
    app.add_middleware(GZipMiddleware, minimum_size=1024, exclude_content_types=SMALL_ALREADY)
    app.add_middleware(OurHostsOnly, hosts=settings.hosts)
    app.add_middleware(SecurityHeaders, https=settings.https_only)
    app.state.figures = Figures(settings.metrics_key.get_secret_value())
    app.add_middleware(Tracing, figures=app.state.figures, written=settings.log_requests)
    return app


def _addresses() -> frozenset[str]:
    """Every address that some router serves, so that the navigation leads nowhere else."""
    return frozenset(
        route.path for router in ROUTERS for route in router.routes if isinstance(route, Route)
    )


def _workshop(settings: Settings) -> Workshop | None:
    """The processes in which papers are made; they start with the first paper. None: right here."""
    processes = settings.printing_processes
    return Workshop(settings.press, processes) if processes else None


def _unified(settings: Settings) -> Unified | None:
    """The city's unified sign-in; None where there is none."""
    if not settings.oidc_issuer:
        return None
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    registration = Registration(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        secret=settings.oidc_client_secret.get_secret_value(),
        name=settings.oidc_name,
        back_to=f"{address.rstrip('/')}/sign-in/unified/callback",
        name_claim=settings.oidc_name_claim,
        id_number_claim=settings.oidc_id_number_claim,
        scope=settings.oidc_scope,
    )
    secret = settings.session_secret.get_secret_value()
    return Unified(Provider(registration), secret, https=settings.https_only)


def _door(settings: Settings) -> Door:
    terms = Terms(
        longest=timedelta(hours=settings.session_hours),
        staff=timedelta(minutes=settings.idle_minutes),
        citizens=timedelta(minutes=settings.citizen_idle_minutes),
    )
    key = settings.session_secret.get_secret_value()
    return Door(key, https=settings.https_only, rule=settings.factor_rule, terms=terms)


def _site(settings: Settings, built: frozenset[str], workshop: Workshop | None) -> Site:
    engine = engine_for(settings.database_url, settings.keyring, settings.database_limits)
    place, pages = Place(settings.centre, settings.phone), environment(settings.templates)
    moment = DemoClock(settings.demo_clock) if settings.demo else now_utc
    return Site(
        engine=engine,
        catalog=Catalog(engine),
        files=FileStore(settings.files),
        home=settings.home,
        templates=settings.templates,
        seals=settings.department_seals,
        verify_at=settings.press.address,
        printing=workshop.make if workshop else settings.press.make,
        pages=Pages(pages, place, moment if settings.demo else None, built),
        upload_limit=settings.upload_limit,
        door=_door(settings),
        demo_password=settings.demo_password if settings.demo else None,
        clock=moment,
        clamd=Clamd(settings.clamd) if settings.clamd else None,
    )
